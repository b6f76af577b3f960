//! What a program starts, as one: on Unix a process group. Elsewhere there is none, and the program alone is ended.

use tokio::process::{Child, Command};

#[cfg(unix)]
pub(super) use unix::{Group, Groups};

#[cfg(not(unix))]
pub(super) use elsewhere::{Group, Groups};

#[cfg(unix)]
mod unix {
    use std::sync::{Mutex, PoisonError};

    use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

    use super::{Child, Command};

    /// The group of one program.
    #[derive(Debug, Clone, Copy)]
    pub(in crate::check) struct Group(Option<Pid>);

    impl Group {
        /// Has the program begin a group when it starts.
        pub(in crate::check) fn begin(command: &mut Command) {
            command.process_group(0);
        }

        /// That of a program that was started so.
        pub(in crate::check) fn of(child: &Child) -> Self {
            Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
        }

        /// Ends all of it.
        pub(in crate::check) fn end(self) {
            if let Some(group) = self.0 {
                let _ = kill_process_group(group, Signal::KILL);
            }
        }
    }

    /// The groups that are left when their first process has ended; they are ended with this.
    #[derive(Debug, Default)]
    pub(in crate::check) struct Groups(Mutex<Vec<Group>>);

    impl Drop for Groups {
        fn drop(&mut self) {
            let groups = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
            for group in groups.drain(..) {
                group.end();
            }
        }
    }

    impl Groups {
        /// A group is kept while it has a process: its number can't be another's then.
        pub(in crate::check) fn keep(&self, group: Group) {
            if group.0.is_some_and(|group| test_kill_process_group(group).is_ok()) {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).push(group);
            }
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use super::{Child, Command};

    #[derive(Debug, Clone, Copy)]
    pub(in crate::check) struct Group;

    impl Group {
        pub(in crate::check) fn begin(_: &mut Command) {}

        pub(in crate::check) fn of(_: &Child) -> Self {
            Self
        }

        pub(in crate::check) fn end(self) {}
    }

    #[derive(Debug, Default)]
    pub(in crate::check) struct Groups;

    impl Groups {
        pub(in crate::check) fn keep(&self, _: Group) {}
    }
}
