//! `picquet user`: who may call the API.

use crate::cli::{DataArgs, Printed, UserArgs, UserCommand};
use crate::exit::{Code, Failure, Outcome};
use crate::serve::data::{Data, check_account, failed, now};
use picquet_api::auth::{keys, policy};
use picquet_store::users::{self, User};
use serde_json::json;
use std::io::{BufRead, IsTerminal};
use std::path::Path;

/// The shortest password (NIST SP 800-63B asks for at least 8; who guards an account's findings can have longer ones).
const SHORTEST_PASSWORD: usize = 12;

/// Runs the command.
pub fn run(args: &UserArgs) -> Outcome {
    match &args.command {
        UserCommand::Add { name, account, policy, policy_file, data, format } => {
            check_name(name)?;
            check_account(account)?;
            let policy = chosen_policy(policy, policy_file.as_deref())?;
            add(&open(data)?, name, account, policy, *format)
        }
        UserCommand::List { data, format } => list(&open(data)?, *format),
        UserCommand::Remove { name, data } => {
            let data = open(data)?;
            if !data.store.write(|sql| users::remove(sql, name)).map_err(failed)? {
                return Err(unknown(name));
            }
            Ok(Code::Done)
        }
        UserCommand::SetPassword { name, data } => set_password(&open(data)?, name),
        UserCommand::NewKey { name, data, format } => {
            let data = open(data)?;
            let key = keys::make(&data.keyring, false)?;
            let known = data.store.write(|sql| {
                if users::get(sql, name)?.is_none() {
                    return Ok(false);
                }
                keys::keep(sql, &data.keyring, name, &key, now(), None).map(|()| true)
            });
            if !known.map_err(failed)? {
                return Err(unknown(name));
            }
            show_key(name, &key, *format);
            Ok(Code::Done)
        }
        UserCommand::RemoveKey { id, data } => {
            let data = open(data)?;
            if !data.store.write(|sql| users::remove_key(sql, id)).map_err(failed)? {
                return Err(Failure::new(Code::Config, format!("there is no access key {id}")));
            }
            Ok(Code::Done)
        }
    }
}

fn open(data: &DataArgs) -> Result<Data, Failure> {
    Data::open(&data.data_dir, data.store.as_deref())
}

fn unknown(name: &str) -> Failure {
    Failure::new(Code::Config, format!("there is no user {name}")).help("`picquet user list` shows them")
}

/// Names stand in ARNs and XML (IAM, "IAM and STS quotas": names of users).
fn check_name(name: &str) -> Result<(), Failure> {
    let fits =
        (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b));
    if fits {
        return Ok(());
    }
    Err(Failure::new(Code::Config, format!("{name:?} cannot be a user's name"))
        .help("a name is of 1 to 64 letters, digits and the signs + = , . @ _ -"))
}

fn chosen_policy(name: &str, file: Option<&Path>) -> Result<String, Failure> {
    let Some(file) = file else {
        if policy::BUILT_IN.iter().any(|(built_in, _)| *built_in == name) {
            return Ok(name.to_owned());
        }
        return Err(Failure::new(Code::Config, format!("there is no policy {name}"))
            .help("administrator and read-only are built in; others are files in Cedar: --policy-file"));
    };
    let bad = |e: &dyn std::fmt::Display| Failure::new(Code::Config, format!("{}: {e}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|e| bad(&e))?;
    if text.len() > policy::LONGEST_POLICY {
        return Err(bad(&format!("a policy may have at most {} bytes", policy::LONGEST_POLICY)));
    }
    policy::compile(&text).map_err(|e| bad(&e))?;
    Ok(text)
}

fn add(data: &Data, name: &str, account: &str, policy: String, format: Printed) -> Outcome {
    let key = keys::make(&data.keyring, false)?;
    let user = User { name: name.into(), account: account.into(), password: None, policy, created_at: now() };
    let made = data.store.write(|sql| {
        if users::get(sql, name)?.is_some() {
            return Ok(false);
        }
        users::put(sql, &user)?;
        keys::keep(sql, &data.keyring, name, &key, now(), None).map(|()| true)
    });
    if !made.map_err(failed)? {
        return Err(Failure::new(Code::Config, format!("there is a user {name} already"))
            .help(format!("`picquet user new-key {name}` makes another access key")));
    }
    show_key(name, &key, format);
    Ok(Code::Done)
}

fn show_key(name: &str, key: &keys::NewKey, format: Printed) {
    if format == Printed::Json {
        let shown = json!({ "UserName": name, "AccessKeyId": key.id, "SecretAccessKey": key.secret });
        sayln!("{}", json!({ "AccessKey": shown }));
    } else {
        sayln!("export AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}", key.id, key.secret);
        eprintln!("The secret of {name} is shown this once.");
    }
}

fn list(data: &Data, format: Printed) -> Outcome {
    let all = data
        .store
        .read(|sql| {
            let mut all = Vec::new();
            for user in users::list(sql)? {
                let keys = users::access_keys(sql, &user.name)?;
                all.push((user, keys));
            }
            Ok(all)
        })
        .map_err(failed)?;
    for (user, keys) in &all {
        let ids: Vec<&str> = keys.iter().map(|k| k.id.as_str()).collect();
        let built_in = policy::BUILT_IN.iter().any(|(name, _)| *name == user.policy);
        let policy = if built_in { user.policy.as_str() } else { "custom" };
        if format == Printed::Json {
            let line = json!({
                "UserName": user.name, "Account": user.account, "Policy": policy,
                "HasPassword": user.password.is_some(), "AccessKeyIds": ids,
            });
            sayln!("{line}");
        } else {
            let password = if user.password.is_some() { "password" } else { "no password" };
            sayln!("{:<24} {}  {policy:<14} {password:<12} {}", user.name, user.account, ids.join(" "));
        }
    }
    Ok(Code::Done)
}

/// The password is a line of standard input: never an argument, which others can see.
fn set_password(data: &Data, name: &str) -> Outcome {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("Password of {name} (it is shown as you type): ");
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.chars().count() < SHORTEST_PASSWORD {
        return Err(Failure::new(Code::Config, format!("a password has {SHORTEST_PASSWORD} characters or more")));
    }
    let hash = keys::hash_password(password).map_err(|e| Failure::new(Code::Internal, e))?;
    let known = data.store.write(|sql| {
        let Some(mut user) = users::get(sql, name)? else { return Ok(false) };
        user.password = Some(hash);
        // Who knew the old one is not to stay.
        users::end_sessions(sql, name)?;
        users::put(sql, &user).map(|()| true)
    });
    if known.map_err(failed)? { Ok(Code::Done) } else { Err(unknown(name)) }
}
