//! `picquet serve`: the API over HTTPS.

pub mod data;
mod feeds;
mod log;
mod look_up;
mod metrics;
mod operation;
mod retention;
mod tls;
mod traces;
mod watch;
mod worlds;

use crate::cli::ServeArgs;
use crate::config;
use crate::exit::{Code, Failure, Outcome};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use data::Data;
use picquet_api::audit::Audit;
use picquet_api::auth::keys::{self, NewKey};
use picquet_api::{Api, Options, http, lists};
use picquet_feeds::Shelf;
use picquet_store::Location;
use picquet_store::users::{self, User};
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use traces::Traces;

/// How long open requests may take when the process is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long a collector of traces may take for the last of them.
const LAST_SPANS: Duration = Duration::from_secs(2);
/// How long a hunt may take to break off.
const LAST_OF_HUNTS: Duration = Duration::from_secs(1);
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
    let traces = Traces::from_env()?;
    log::begin(traces.as_ref())?;
    let operation = config::operation(args.world.config.as_deref())?;
    let data = Data::open(&args.data_dir, args.store.as_deref())?;
    bootstrap(&data)?;
    // What is left of it holds the store as one in use until the end.
    let Data { store, keyring, folder, .. } = data;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let options = Options {
        lenient: args.lenient_validation,
        list_folders: args.list_folder.clone(),
        buckets: Some(buckets(runtime.handle().clone(), operation.destinations.clone())),
        calls_a_second: NonZeroU32::new(args.rate_limit),
        management_account: args.management_account.clone(),
        tls: !args.insecure_http,
    };
    let audit = Audit::new(&folder.join("audit"))?;
    let store = Arc::new(store);
    let api = Arc::new(Api::new(store.clone(), keyring, options, Some(audit)));
    lists::resume(&api).map_err(|e| Failure::new(Code::Internal, e))?;
    let listener = TcpListener::bind(args.listen)
        .map_err(|e| Failure::new(Code::Config, format!("cannot listen on {}: {e}", args.listen)))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let service = http::router(api.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let kept_days = args.retention_days;
    let database = match api.store().location() {
        Location::File(_) => None,
        location => Some(location.to_string()),
    };
    let database = database.as_deref();
    let forgetful = api.clone();
    let published = picquet_publish::begin(store.clone(), operation.publish.clone(), operation.destinations.clone());
    let publishing = runtime.block_on(published).map_err(|e| Failure::new(Code::Config, e))?;
    let process = Arc::new(operation::Process {
        store: store.clone(),
        status: watch::status(&operation),
        sources: operation.source.clone(),
        started_at: data::now(),
        feeds: operation.feed.clone(),
        machine: operation.machine.clone(),
        kept_days,
        shelf: Shelf::of(&folder),
        traces: traces.as_ref().map(Traces::tally),
        beside: OnceLock::new(),
    });
    api.set_operation(process.clone());
    if let Some(at) = args.metrics {
        let listener = runtime.block_on(tokio::net::TcpListener::bind(at));
        let listener = listener.map_err(|e| Failure::new(Code::Config, format!("cannot listen on {at}: {e}")))?;
        let router = metrics::router(process.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
    }
    if !operation.feed.is_empty() {
        runtime.spawn(feeds::keep(operation.feed.clone(), Shelf::of(&folder)));
    }
    let begun = watch::begin(&runtime, operation, &args.world, &folder, &store, &process.status)?;
    let running = begun.map(|(running, beside)| {
        // Set once, here.
        let _ = process.beside.set(beside);
        running
    });
    let served = runtime.block_on(async {
        tokio::spawn(stop(handle.clone()));
        tokio::spawn(retention::forget(forgetful, kept_days));
        if args.insecure_http {
            tell(address, "http", None, database, args);
            axum_server::from_tcp(listener)?.handle(handle).serve(service).await
        } else {
            // There is no other; a second installation would say so and change nothing.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let made = tls::certificate(&folder, address, &args.tls_name)
                .map_err(|e| std::io::Error::other(format!("no certificate can be made: {e}")))?;
            let config = RustlsConfig::from_pem(made.chain.into(), made.key.into()).await?;
            tell(address, "https", Some(&made.ca), database, args);
            axum_server::from_tcp_rustls(listener, config)?.handle(handle).serve(service).await
        }
    });
    if let Some(beside) = process.beside.get() {
        beside.hunts.stop(LAST_OF_HUNTS);
    }
    runtime.block_on(async {
        if let Some(running) = running {
            running.stop(GRACE).await;
        }
        publishing.stop(Duration::from_secs(2)).await;
    });
    // What still waits for something would keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    if let Some(traces) = traces {
        traces.stop(LAST_SPANS);
    }
    served?;
    Ok(Code::Done)
}

/// Reads lists in buckets, as the buckets of exports are reached.
fn buckets(runtime: tokio::runtime::Handle, access: picquet_source::aws::Access) -> lists::Buckets {
    lists::Buckets(Arc::new(move |name, key, most| {
        let read = async {
            let bucket = picquet_source::aws::bucket::Bucket::new(&access, name).await;
            bucket.get(key, most).await.map(|bytes| bytes.to_vec())
        };
        runtime.block_on(read).map_err(|e| format!("s3://{name}/{key} cannot be read: {e}"))
    }))
}

/// What a client needs to know.
fn tell(address: SocketAddr, scheme: &str, ca: Option<&std::path::Path>, database: Option<&str>, args: &ServeArgs) {
    let host = if address.ip().is_loopback() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
    let url = format!("{scheme}://{host}:{}", address.port());
    eprintln!("Picquet listens on {url}; data are in {}", args.data_dir.display());
    if let Some(database) = database {
        eprintln!("the store is {database}");
    }
    if args.lenient_validation {
        eprintln!("warning: --lenient-validation: requests that AWS refuses are accepted");
    }
    eprintln!("Console: {url}/console/ (picquet user set-password NAME, then sign in)");
    eprintln!("\nFor AWS clients:");
    if let Some(ca) = ca {
        eprintln!("  export AWS_CA_BUNDLE={}", ca.display());
    }
    eprintln!("  export AWS_ENDPOINT_URL_GUARDDUTY={url} AWS_ENDPOINT_URL_STS={url}");
    let also = if database.is_some() { " --store URL" } else { "" };
    eprintln!("\nAccess keys: picquet user add NAME --account ID --data-dir {}{also}", args.data_dir.display());
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
