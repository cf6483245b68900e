//! Serves functions behind Lambda's Invoke API, for an orchestrator that is another
//! process. It prints its address as one line of JSON, and ends when its standard
//! input does: then nothing is left behind by a caller that was killed.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use arrears_runtime_api::{Function, InvokeApi, Pool};
use serde_json::json;
use tokio::sync::oneshot;

const USAGE: &str = "\
usage: runtime-api --function NAME=PATH.. [OPTION..]

  --function NAME=PATH     a function and its binary
  --env KEY=VALUE          a variable of every function
  --env-of NAME:KEY=VALUE  a variable of one function
  --port PORT              where to listen; 0, the default, chooses a free port
  --timeout-seconds N      how long an invocation may take; 60
  --instances N            how many instances of a function there may be; 4
  --logs FOLDER            keeps what functions print in files of this folder";

/// What the command line asks for.
struct Options {
    functions: BTreeMap<String, PathBuf>,
    environment: BTreeMap<String, String>,
    /// By function, then by variable.
    environments: BTreeMap<String, BTreeMap<String, String>>,
    port: u16,
    timeout: Duration,
    instances: usize,
    logs: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match options(&arguments).and_then(serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        functions: BTreeMap::new(),
        environment: BTreeMap::new(),
        environments: BTreeMap::new(),
        port: 0,
        timeout: Duration::from_secs(60),
        instances: 4,
        logs: None,
    };
    let mut words = arguments.iter();
    while let Some(option) = words.next() {
        let value = words.next().with_context(|| format!("`{option}` needs a value\n{USAGE}"))?;
        match option.as_str() {
            "--function" => {
                let (name, path) = pair(value, '=')?;
                options.functions.insert(name, path.into());
            }
            "--env" => {
                let (key, value) = pair(value, '=')?;
                options.environment.insert(key, value);
            }
            "--env-of" => {
                let (name, rest) = pair(value, ':')?;
                let (key, value) = pair(&rest, '=')?;
                options.environments.entry(name).or_default().insert(key, value);
            }
            "--port" => options.port = number(value)?,
            "--timeout-seconds" => options.timeout = Duration::from_secs(number(value)?),
            "--instances" => options.instances = number(value)?,
            "--logs" => options.logs = Some(value.into()),
            other => bail!("there is no option `{other}`\n{USAGE}"),
        }
    }
    if options.functions.is_empty() {
        bail!("no function is named\n{USAGE}");
    }
    if let Some(name) =
        options.environments.keys().find(|name| !options.functions.contains_key(*name))
    {
        bail!("--env-of names `{name}`, which is none of the functions");
    }
    Ok(options)
}

fn pair(text: &str, between: char) -> Result<(String, String)> {
    match text.split_once(between) {
        Some((left, right)) if !left.is_empty() => Ok((left.to_owned(), right.to_owned())),
        _ => bail!("`{text}` should be two parts with `{between}` between them"),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().ok().with_context(|| format!("`{text}` is no number that fits here"))
}

fn pools(options: Options) -> Vec<Pool> {
    let Options { functions, environment, environments, timeout, instances, logs, .. } = options;
    let pool = |(name, path): (String, PathBuf)| {
        let mut function = Function::new(path, environment.clone()).name(&name).timeout(timeout);
        for (key, value) in environments.get(&name).into_iter().flatten() {
            function = function.env(key, value);
        }
        if let Some(folder) = &logs {
            function = function.logs(folder);
        }
        Pool::new(function, instances)
    };
    functions.into_iter().map(pool).collect()
}

#[tokio::main]
async fn serve(options: Options) -> Result<()> {
    let port = options.port;
    if let Some((name, path)) = options.functions.iter().find(|(_, path)| !path.is_file()) {
        bail!("the binary of {name} is missing: {}", path.display());
    }
    let api = InvokeApi::start(port, pools(options)).await?;
    println!("{}", json!({ "address": api.address().to_string() }));
    let (end, ended) = oneshot::channel();
    // A thread of its own: a read of the standard input cannot be cancelled.
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut rest);
        let _ = end.send(());
    });
    let _ = ended.await;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may")]

    use super::*;

    fn parse(words: &str) -> Result<Options> {
        options(&words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_asked_for_is_understood() {
        let options =
            parse("--function f=/bin/f --env A=b=c --env-of f:D=e --port 7 --instances 2").unwrap();
        assert_eq!(options.functions["f"], PathBuf::from("/bin/f"));
        assert_eq!(options.environment["A"], "b=c");
        assert_eq!(options.environments["f"]["D"], "e");
        assert_eq!((options.port, options.instances), (7, 2));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (words, says) in [
            ("", "no function is named"),
            ("--function f", "should be two parts"),
            ("--function f=/f --port 70000", "no number that fits"),
            ("--function f=/f --env-of g:A=b", "none of the functions"),
            ("--function f=/f --frob 1", "no option `--frob`"),
            ("--function", "needs a value"),
        ] {
            let error = parse(words).err().unwrap().to_string();
            assert!(error.contains(says), "{words}: {error}");
        }
    }
}
