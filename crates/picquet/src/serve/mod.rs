//! `picquet serve`: the API over HTTPS.

pub mod data;
mod tls;

use crate::cli::ServeArgs;
use crate::exit::{Code, Failure, Outcome};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use data::Data;
use picquet_api::audit::Audit;
use picquet_api::auth::keys::{self, NewKey};
use picquet_api::{Api, Options, http, lists};
use picquet_store::findings;
use picquet_store::users::{self, User};
use picquet_store::{DAY_MILLIS, StoreError};
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// How long open requests may take when the process is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// The first administrator's key, in an empty store.
const BOOTSTRAP: [&str; 3] =
    ["PICQUET_BOOTSTRAP_ACCESS_KEY_ID", "PICQUET_BOOTSTRAP_SECRET_ACCESS_KEY", "PICQUET_BOOTSTRAP_ACCOUNT"];

/// Runs the command; returns when the process is told to stop.
pub fn run(args: &ServeArgs) -> Outcome {
    if args.insecure_http && !args.listen.ip().is_loopback() {
        return Err(Failure::new(Code::Config, format!("--insecure-http cannot listen on {}", args.listen))
            .help("without TLS only a loopback address can be used, such as 127.0.0.1"));
    }
    if let Some(account) = &args.management_account {
        data::check_account(account)?;
    }
    log();
    let data = Data::open(&args.data_dir)?;
    bootstrap(&data)?;
    let Data { store, keyring, folder } = data;
    let options = Options {
        lenient: args.lenient_validation,
        list_folders: args.list_folder.clone(),
        calls_a_second: NonZeroU32::new(args.rate_limit),
        management_account: args.management_account.clone(),
    };
    let audit = Audit::new(&folder.join("audit"))?;
    let api = Arc::new(Api::new(Arc::new(store), keyring, options, Some(audit)));
    lists::resume(&api).map_err(|e| Failure::new(Code::Internal, e))?;
    let listener = TcpListener::bind(args.listen)
        .map_err(|e| Failure::new(Code::Config, format!("cannot listen on {}: {e}", args.listen)))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let service = http::router(api.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let kept_days = args.retention_days;
    let store = api.clone();
    runtime.block_on(async {
        tokio::spawn(stop(handle.clone()));
        tokio::spawn(forget(store, kept_days));
        if args.insecure_http {
            tell(address, "http", None, args);
            axum_server::from_tcp(listener)?.handle(handle).serve(service).await
        } else {
            // There is no other; a second installation would say so and change nothing.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let made = tls::certificate(&folder, address)
                .map_err(|e| std::io::Error::other(format!("no certificate can be made: {e}")))?;
            let config = RustlsConfig::from_pem(made.chain.into(), made.key.into()).await?;
            tell(address, "https", Some(&made.ca), args);
            axum_server::from_tcp_rustls(listener, config)?.handle(handle).serve(service).await
        }
    })?;
    Ok(Code::Done)
}

/// Log lines go to standard error; PICQUET_LOG says which (warnings when it is not set).
fn log() {
    let wanted = std::env::var("PICQUET_LOG").unwrap_or_else(|_| "warn".into());
    let filter = tracing_subscriber::EnvFilter::try_new(wanted).unwrap_or_else(|_| "warn".into());
    // A second one cannot be set in one process; then the first one does the same.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).try_init();
}

/// What a client needs to know.
fn tell(address: SocketAddr, scheme: &str, ca: Option<&std::path::Path>, args: &ServeArgs) {
    let host = if address.ip().is_loopback() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
    let url = format!("{scheme}://{host}:{}", address.port());
    eprintln!("Picquet listens on {url}; data are in {}", args.data_dir.display());
    if args.lenient_validation {
        eprintln!("warning: --lenient-validation: requests that AWS refuses are accepted");
    }
    eprintln!("\nFor AWS clients:");
    if let Some(ca) = ca {
        eprintln!("  export AWS_CA_BUNDLE={}", ca.display());
    }
    eprintln!("  export AWS_ENDPOINT_URL_GUARDDUTY={url} AWS_ENDPOINT_URL_STS={url}");
    eprintln!("\nAccess keys: picquet user add NAME --account ID --data-dir {}", args.data_dir.display());
}

/// Removes findings that are too old, at once and then every hour.
async fn forget(api: Arc<Api>, kept_days: u16) {
    let mut hours = tokio::time::interval(Duration::from_secs(3600));
    loop {
        hours.tick().await;
        let api = api.clone();
        let oldest = data::now() - i64::from(kept_days) * DAY_MILLIS;
        let removed = tokio::task::spawn_blocking(move || expire(&api, oldest)).await;
        match removed {
            Ok(Ok(0)) => {}
            Ok(Ok(n)) => tracing::info!(findings = n, "removed what is older than the retention"),
            Ok(Err(e)) => tracing::error!(error = e.to_string().as_str(), "old findings cannot be removed"),
            Err(e) => tracing::error!(error = e.to_string().as_str(), "removing old findings failed"),
        }
    }
}

/// Removes findings some at a time, so that nobody waits for all of them.
fn expire(api: &Api, before: i64) -> Result<u64, StoreError> {
    let mut removed = 0;
    loop {
        match api.store().write(|sql| findings::expire(sql, before))? {
            0 => return Ok(removed),
            n => removed += n,
        }
    }
}

async fn stop(handle: Handle<SocketAddr>) {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
    handle.graceful_shutdown(Some(GRACE));
}

/// Makes the first administrator of an empty store, from the environment.
fn bootstrap(data: &Data) -> Result<(), Failure> {
    let given = BOOTSTRAP.map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let [id, secret, account] = match given {
        [Some(id), Some(secret), Some(account)] => [id, secret, account],
        [None, None, None] => return Ok(()),
        _ => return Err(Failure::new(Code::Config, format!("{} must be set together", BOOTSTRAP.join(", ")))),
    };
    data::check_account(&account)?;
    if !(16..=128).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric()) || secret.len() < 16 {
        return Err(Failure::new(Code::Config, format!("{} and {} are no access key", BOOTSTRAP[0], BOOTSTRAP[1]))
            .help("an id is of 16 to 128 letters and digits, a secret of 16 characters or more"));
    }
    let now = data::now();
    let made = data.store.write(|sql| {
        if !users::list(sql)?.is_empty() {
            return Ok(());
        }
        let name = "admin".to_owned();
        let user =
            User { name: name.clone(), account, password: None, policy: "administrator".into(), created_at: now };
        users::put(sql, &user)?;
        keys::keep(sql, &data.keyring, &name, &NewKey { id, secret, token: None }, now, None)
    });
    made.map_err(data::failed)
}
