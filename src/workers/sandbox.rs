//! What a worker takes from itself before it sees the first document: as much as the machine allows.
//!
//! The memory and the processor's time that it may use (`setrlimit`), every file but the fonts (Landlock), and the calls by which
//! a program reaches the network, starts others or changes files (seccomp). None of these is needed for the promises about
//! notes: there is no code in the program that would do so. They are for the mistakes that nobody has found yet.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a worker on this machine cannot do any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelter {
    /// Take more memory and processor time than allowed.
    pub limited: bool,
    /// Read files other than fonts.
    pub reads_nothing: bool,
    /// Write, rename or delete files.
    pub writes_nothing: bool,
    /// Reach the network.
    pub no_network: bool,
    /// Start programs.
    pub no_programs: bool,
}

/// Closes what can be closed. `fonts` are the folders of font files that are still to be read.
pub(super) fn enter(fonts: &[PathBuf]) -> Shelter {
    system::enter(fonts)
}

/// Sets how much memory may be had and how much longer the processors may be used; `threads` of them at once.
pub(super) fn allow(memory: u64, time: Duration, threads: usize) {
    system::allow(memory, time, threads);
}

/// Bytes of memory that this process has for itself.
pub(super) fn own_memory() -> u64 {
    system::own_memory()
}

#[cfg(target_os = "linux")]
mod system {
    use std::collections::BTreeMap;
    use std::fs::File;
    use std::os::unix::fs::FileExt as _;
    use std::sync::OnceLock;

    use landlock::{ABI, Access as _, AccessFs, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, path_beneath_rules};
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
        apply_filter_all_threads,
    };

    use super::*;

    /// Opened before files can be opened no more.
    static STATM: OnceLock<Option<File>> = OnceLock::new();

    pub(super) fn enter(fonts: &[PathBuf]) -> Shelter {
        STATM.get_or_init(|| File::open("/proc/self/statm").ok());
        let limited = limit(Resource::Fsize, 0) && limit(Resource::Core, 0);
        let _ = landlock(fonts);
        let no_network = seccomp().is_some();
        // What can be tried is tried: the kernel may have understood less than it was told.
        let reads_nothing = File::open(OWN_PROGRAM).is_err();
        let writes_nothing = tempfile::tempfile().is_err() && tempfile::tempfile_in(".").is_err();
        let no_programs = std::process::Command::new(OWN_PROGRAM).arg("--version").stdout(std::process::Stdio::null()).status().is_err();
        Shelter { limited, reads_nothing, writes_nothing, no_network, no_programs }
    }

    /// A file that everybody may read and start.
    const OWN_PROGRAM: &str = "/proc/self/exe";

    fn limit(resource: Resource, most: u64) -> bool {
        let maximum = getrlimit(resource).maximum.map_or(most, |maximum| maximum.min(most));
        setrlimit(resource, Rlimit { current: Some(maximum), maximum: Some(maximum) }).is_ok()
    }

    pub(super) fn allow(memory: u64, time: Duration, threads: usize) {
        let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime).tv_sec.unsigned_abs();
        // The watchdog goes by the clock and comes first; this is for a worker that nobody watches any more.
        let seconds = used + time.as_secs() * threads as u64 + 10;
        for (resource, most) in [(Resource::Data, memory), (Resource::Cpu, seconds)] {
            let maximum = getrlimit(resource).maximum;
            let current = maximum.map_or(most, |maximum| maximum.min(most));
            let _ = setrlimit(resource, Rlimit { current: Some(current), maximum });
        }
    }

    /// Nothing but fonts can be opened, where the kernel has Landlock.
    fn landlock(fonts: &[PathBuf]) -> Option<()> {
        let abi = ABI::V5;
        let rules = Ruleset::default().handle_access(AccessFs::from_all(abi)).ok()?.create().ok()?;
        let rules = rules.add_rules(path_beneath_rules(fonts, AccessFs::ReadFile | AccessFs::ReadDir)).ok()?;
        rules.restrict_self().ok().map(drop)
    }

    /// Calls that no typesetter needs. They answer that they are not permitted; a list of what is permitted would break with the
    /// next version of the C library.
    const CLOSED: &[libc::c_long] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_unlinkat,
        libc::SYS_renameat2,
        libc::SYS_mkdirat,
        libc::SYS_linkat,
        libc::SYS_symlinkat,
        libc::SYS_mknodat,
        libc::SYS_fchmod,
        libc::SYS_fchmodat,
        libc::SYS_fchown,
        libc::SYS_fchownat,
        libc::SYS_truncate,
        libc::SYS_ftruncate,
        libc::SYS_utimensat,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_io_uring_setup,
        libc::SYS_openat2,
    ];

    /// The older forms of the same calls, which some machines have.
    #[cfg(target_arch = "x86_64")]
    const CLOSED_OLD: &[libc::c_long] = &[
        libc::SYS_accept,
        libc::SYS_unlink,
        libc::SYS_rename,
        libc::SYS_renameat,
        libc::SYS_mkdir,
        libc::SYS_rmdir,
        libc::SYS_link,
        libc::SYS_symlink,
        libc::SYS_mknod,
        libc::SYS_creat,
        libc::SYS_chmod,
        libc::SYS_chown,
        libc::SYS_lchown,
    ];
    #[cfg(not(target_arch = "x86_64"))]
    const CLOSED_OLD: &[libc::c_long] = &[];

    fn seccomp() -> Option<()> {
        let arch = TargetArch::try_from(std::env::consts::ARCH).ok()?;
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
        for call in CLOSED.iter().chain(CLOSED_OLD) {
            rules.insert(*call, Vec::new());
        }
        rules.insert(libc::SYS_openat, to_write(2)?);
        #[cfg(target_arch = "x86_64")]
        rules.insert(libc::SYS_open, to_write(1)?);
        let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, refused, arch).ok()?;
        let program: BpfProgram = filter.try_into().ok()?;
        apply_filter_all_threads(&program).ok()
    }

    /// Opening a file to write to it or to make it; the flags are the argument at `at`.
    fn to_write(at: u8) -> Option<Vec<SeccompRule>> {
        let has = |flag: i32| {
            let flag = u64::from(flag.unsigned_abs());
            let condition = SeccompCondition::new(at, Length::Dword, SeccompCmpOp::MaskedEq(flag), flag).ok()?;
            SeccompRule::new(vec![condition]).ok()
        };
        [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT].into_iter().map(has).collect()
    }

    /// Resident pages that are no file's.
    pub(super) fn own_memory() -> u64 {
        let mut text = [0; 128];
        let read = STATM.get_or_init(|| File::open("/proc/self/statm").ok()).as_ref().and_then(|file| file.read_at(&mut text, 0).ok());
        let text = String::from_utf8_lossy(&text[..read.unwrap_or(0)]);
        let mut pages = text.split_whitespace().skip(1).map_while(|number| number.parse::<u64>().ok());
        let (resident, shared) = (pages.next().unwrap_or(0), pages.next().unwrap_or(0));
        resident.saturating_sub(shared) * rustix::param::page_size() as u64
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::*;

    pub(super) fn enter(_: &[PathBuf]) -> Shelter {
        Shelter::default()
    }

    pub(super) fn allow(_: u64, _: Duration, _: usize) {}

    pub(super) fn own_memory() -> u64 {
        0
    }
}
