//! The folder of the embedded database. Whoever can read its files reads every network's content, so folder and files
//! are made for this user alone, and what other users can open is refused.

use super::seal::SecretKeys;
use rand::CryptoRng;
use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The database's file in the folder.
pub const DATABASE: &str = "concord.db";
/// What SQLite keeps beside the database, with the mode of the database's file.
const BESIDE: [&str; 3] = ["concord.db-wal", "concord.db-shm", "concord.db-journal"];
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Makes the folder and an empty database where there are none. The database's file.
///
/// # Errors
/// They cannot be made, or other users can open them: then the message has the command that closes them.
pub fn prepare(folder: &Path) -> Result<PathBuf, String> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(folder)
        .map_err(|error| format!("the data folder {} cannot be made: {error}", folder.display()))?;
    closed(folder, FOLDER_MODE)?;
    let database = folder.join(DATABASE);
    match OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&database) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => closed(&database, FILE_MODE)?,
        Err(error) => return Err(format!("{} cannot be made: {error}", database.display())),
    }
    BESIDE
        .iter()
        .map(|name| folder.join(name))
        .filter(|file| file.exists())
        .try_for_each(|file| closed(&file, FILE_MODE))?;
    Ok(database)
}

/// The secret keys of an embedded database, made at its first start. They lie beside the folder and not in it, so that a
/// copy of the folder opens nothing.
///
/// # Errors
/// The file cannot be read or made, other users can open it, or it holds no key.
pub fn secret_keys<R: CryptoRng + ?Sized>(folder: &Path, rng: &mut R) -> Result<SecretKeys, String> {
    let file = key_file(folder)?;
    let shown = file.display();
    match OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&file) {
        Ok(mut made) => {
            let text = SecretKeys::make(rng);
            made.write_all(format!("{}\n", text.as_str()).as_bytes())
                .and_then(|()| made.sync_all())
                .map_err(|error| format!("the secret key cannot be written to {shown}: {error}"))?;
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => closed(&file, FILE_MODE)?,
        Err(error) => {
            return Err(format!(
                "the secret key cannot be written to {shown}: {error}. Set secret_key instead (`concord keys secret` makes one)."
            ));
        }
    }
    let text = fs::read_to_string(&file).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    SecretKeys::parse(&text).map_err(|error| format!("{shown}: {error}"))
}

/// `data` → `data.key`, in the folder above.
fn key_file(folder: &Path) -> Result<PathBuf, String> {
    let whole = folder
        .canonicalize()
        .map_err(|error| format!("the data folder {} cannot be opened: {error}", folder.display()))?;
    let name = whole.file_name().ok_or("data: the root folder cannot be the data folder")?;
    let mut name = name.to_os_string();
    name.push(".key");
    Ok(whole.with_file_name(name))
}

/// Whether this user alone can open something.
fn closed(path: &Path, mode: u32) -> Result<(), String> {
    let shown = path.display();
    let found = fs::metadata(path).map_err(|error| format!("{shown} cannot be looked at: {error}"))?;
    let found = found.permissions().mode() & 0o7777;
    if found & 0o077 == 0 {
        return Ok(());
    }
    Err(format!(
        "Other users of this machine can open {shown} (mode {found:03o}). Run `chmod {mode:o} {shown}`."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Place {
            let folder = std::env::temp_dir().join(format!("concord-folder-{}-{name}", std::process::id()));
            fs::create_dir(&folder).unwrap();
            Place(folder)
        }
        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o777
        }
        fn open_to_all(path: &Path, mode: u32) {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn what_is_made_is_for_this_user_alone() {
        let place = Place::new("made");
        let data = place.0.join("deep/data");
        let database = prepare(&data).unwrap();
        assert_eq!((Place::mode(&data), Place::mode(&database)), (0o700, 0o600));
        assert_eq!(prepare(&data), Ok(database), "and again");
    }

    #[test]
    fn what_others_can_open_is_refused_with_the_command_that_closes_it() {
        let place = Place::new("wide");
        let data = place.0.join("data");
        let database = prepare(&data).unwrap();
        let wal = data.join("concord.db-wal");
        fs::write(&wal, "").unwrap();
        for (path, wide, narrow) in [
            (&data, 0o755, 0o700),
            (&data, 0o701, 0o700),
            (&database, 0o644, 0o600),
            (&database, 0o620, 0o600),
            (&wal, 0o604, 0o600),
        ] {
            let mut all = vec![(&data, 0o700), (&database, 0o600), (&wal, 0o600)];
            all.push((path, wide));
            all.iter().for_each(|(path, mode)| Place::open_to_all(path, *mode));
            let error = prepare(&data).unwrap_err();
            assert!(error.contains(&format!("`chmod {narrow:o} {}`", path.display())), "{error}");
        }
    }

    #[test]
    fn the_secret_key_is_made_once_beside_the_folder() {
        let place = Place::new("key");
        let data = place.0.join("data");
        prepare(&data).unwrap();
        let made = secret_keys(&data, &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
        let again = secret_keys(&data, &mut ChaCha20Rng::seed_from_u64(2)).unwrap();
        assert_eq!(made.derive("p", &[]), again.derive("p", &[]));
        let file = place.0.join("data.key");
        assert_eq!(Place::mode(&file), 0o600);
        assert!(fs::read_dir(&data).unwrap().all(|entry| entry.unwrap().file_name() == DATABASE));
        Place::open_to_all(&file, 0o640);
        let error = secret_keys(&data, &mut ChaCha20Rng::seed_from_u64(1)).unwrap_err();
        assert!(error.contains("chmod 600"), "{error}");
    }
}
