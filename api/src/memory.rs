//! How the C library keeps memory. Left to itself it has a heap for each thread, gives little of one back, and from the
//! second sign-in on keeps what passwords were hashed in: a server takes half as much again. It reads its settings as a
//! program starts, so the program starts once more with them.

/// One heap for all threads; what is large is asked for by itself, and given back at once.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const SETTINGS: [(&str, &str); 2] = [("MALLOC_ARENA_MAX", "1"), ("MALLOC_MMAP_THRESHOLD_", "262144")];

/// Starts this program once more with the settings, unless whoever started it has chosen any. Where that fails, it goes
/// on as it is.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn settle() {
    use std::{env, os::unix::process::CommandExt, process::Command};
    if SETTINGS.iter().any(|(name, _)| env::var_os(name).is_some()) {
        return;
    }
    let (mut given, Ok(program)) = (env::args_os(), env::current_exe()) else { return };
    let mut again = Command::new(program);
    if let Some(name) = given.next() {
        again.arg0(name);
    }
    // comes back only where it failed
    drop(again.args(given).envs(SETTINGS).exec());
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn settle() {}
