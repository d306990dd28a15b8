//! The file of failed scrapes.

use tokio::io::AsyncWriteExt;

/// Appends a line about a scrape that failed at `time` to `file`; an empty name means that there is none.
pub(super) async fn write(file: &str, time: &str, job: &str, url: &str, error: &str) {
    if file.is_empty() {
        return;
    }
    #[allow(clippy::disallowed_methods, reason = "log lines bear the system's time")]
    let line = serde_json::json!({"time": time, "level": "ERROR", "msg": error, "job_name": job, "target": url});
    let append = async {
        let mut open = tokio::fs::OpenOptions::new().create(true).append(true).open(file).await?;
        open.write_all(format!("{line}\n").as_bytes()).await?;
        open.flush().await
    };
    if let Err(cause) = append.await {
        tracing::warn!(file, %cause, "a failed scrape cannot be written to `scrape_failure_log_file`");
    }
}
