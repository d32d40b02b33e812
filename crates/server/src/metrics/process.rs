//! What the process itself takes: memory, time, files; by the names that Prometheus' own clients use. Elsewhere than on Linux there is
//! only its build.

use std::fs;

use tidings::Timestamp;

use super::text::Text;

/// How many ticks of `/proc` make a second: what Linux tells programs, whatever it counts by itself.
const TICKS: f64 = 100.0;

/// Writes all of them.
pub(super) fn write(started: Timestamp, text: &mut Text) {
    let mut build = text.gauge("tidings_build_info", "The version that runs.");
    build.count(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let start = started.as_secs_f64();
    text.gauge("process_start_time_seconds", "When the process started, in Unix seconds.").value(&[], start);
    if let Some(seconds) = fs::read_to_string("/proc/self/stat").ok().and_then(|stat| cpu_seconds(&stat)) {
        text.counter("process_cpu_seconds_total", "Processor time that was taken.").value(&[], seconds);
    }
    if let Some(bytes) = fs::read_to_string("/proc/self/status").ok().and_then(|status| resident_bytes(&status)) {
        text.gauge("process_resident_memory_bytes", "Memory that is held.").count(&[], bytes);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        text.gauge("process_open_fds", "Files and sockets that are open.").count(&[], files.count() as u64);
    }
}

/// The time in programs and in the kernel, from `/proc/self/stat`. The name in it may hold blanks and brackets.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

/// The memory, from `/proc/self/status`.
fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 900 0 0 0 150 50 0 0 20 0 3 0 100 1000 300";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(cpu_seconds(""), None);
        assert_eq!(cpu_seconds("7 (x) S 1"), None);
        assert_eq!(resident_bytes("Name:\tx\nVmRSS:\t   12 kB\n"), Some(12_288));
        assert_eq!(resident_bytes("VmRSS:\tmuch\n"), None);
    }
}
