//! The e-mail of an invitation: who invites, to which client and team, in which role, and the link.

use super::rules;
use crate::kernel::{Email, EmailContent, Error, Fault, Write};
use entity::{client, franchise, invitation, member, network, outbox::EmailKind, person, team};

/// Posts the e-mail with the invitation's link, which names the inviter and the target.
pub async fn post_invitation(write: &Write, invitation: &invitation::Model) -> Result<(), Error> {
    let network = write.find::<network::Entity>(invitation.network_id).await?.ok_or(Fault::Internal)?;
    let inviter = write.find::<person::Entity>(write.actor()?.person).await?.ok_or(Fault::Internal)?;
    let place = describe_target(write, invitation).await?;
    let text = format!(
        "Hello {},\n\n{} invites you to {place} as {}, on {}.",
        invitation.name,
        inviter.name,
        rules::role_name(invitation.role),
        network.name,
    );
    let until = invitation.expires_at.format("%-d %B %Y, %H:%M UTC");
    let email = Email {
        kind: EmailKind::Invitation,
        about: invitation.id.uuid(),
        person: Some(invitation.person_id),
        client: None,
        ends_at: Some(invitation.expires_at),
        content: EmailContent {
            to: invitation.email.clone(),
            name: invitation.name.clone(),
            subject: format!("Your invitation to {}", network.name),
            text,
            after: format!("The link works once, until {until}.\n"),
            ..EmailContent::default()
        },
    };
    write.post(email);
    Ok(())
}

/// Describes the target of an invitation. Names the team only if the sender may read it.
async fn describe_target(write: &Write, invitation: &invitation::Model) -> Result<String, Error> {
    if let Some(id) = invitation.client_id {
        let client = write.find::<client::Entity>(id).await?.ok_or(Fault::Internal)?;
        let team = match (invitation.team_id, invitation.member_id) {
            (Some(team), _) => Some(team),
            (None, Some(member)) => write.find::<member::Entity>(member).await?.map(|member| member.team_id),
            (None, None) => None,
        };
        let team = match team {
            Some(team) => write.find::<team::Entity>(team).await?,
            None => None,
        };
        return Ok(match team {
            Some(team) => format!("{}, team {}", client.name, team.name),
            None => client.name,
        });
    }
    if let Some(id) = invitation.franchise_id {
        let franchise = write.find::<franchise::Entity>(id).await?.ok_or(Fault::Internal)?;
        return Ok(franchise.name);
    }
    Ok("head office".to_owned())
}
