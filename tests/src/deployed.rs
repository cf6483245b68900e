//! An agency as it is on AWS: its store behind HTTP, and the environment of functions.

use crate::{BUILT_IN, House, component};
use arrears_storage::{Served, Store};
use std::path::Path;
use tempfile::TempDir;

/// The bucket of plugins beside that of files.
const PLUGIN_BUCKET: &str = "plugins";

/// An agency whose store other processes can reach.
pub struct Deployed {
    /// The house, whose store looks at the same folder without HTTP.
    pub house: House,
    /// The endpoints.
    pub served: Served,
    /// The bucket of plugins.
    pub plugins: Store,
    artifacts: TempDir,
}

impl Deployed {
    /// Puts a house on the network, with the components of the built-in plugins in its
    /// bucket of plugins, not yet admitted.
    pub async fn new(house: House) -> Self {
        let served = Served::start(house.folder.path()).expect("the store is served");
        Self::behind(house, served).await
    }

    /// The same behind endpoints of one's own.
    pub async fn behind(house: House, served: Served) -> Self {
        let agency = house.store.agency().clone();
        let location = served.location(arrears_storage::TABLE_DEFAULT, PLUGIN_BUCKET);
        let plugins = Store::open(location, agency).await.expect("the bucket is reached");
        plugins.ensure_table().await.expect("the bucket is made");
        for name in BUILT_IN {
            let key = format!("components/{name}.wasm");
            plugins.put_object_new(&key, component(name)).await.expect("a component is put");
        }
        let artifacts = tempfile::tempdir().expect("a temporary folder");
        Self { house, served, plugins, artifacts }
    }

    /// Where functions keep artifacts: a disk that is warm once one has started.
    #[must_use]
    pub fn artifacts(&self) -> &Path {
        self.artifacts.path()
    }

    /// What a function is told by its environment.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let table = arrears_storage::TABLE_DEFAULT;
        let mut variables: Vec<(String, String)> = self
            .served
            .environment()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let built_in = crate::BUILT_IN.map(|name| arrears_host::digest(&crate::component(name)));
        let built_in = built_in.map(|digest| digest.trim_start_matches("sha256:").to_owned());
        let own = [
            ("ARREARS_BUILT_IN", built_in.join(",")),
            ("ARREARS_AGENCY", self.house.store.agency().to_string()),
            ("ARREARS_TABLE", table.to_owned()),
            ("ARREARS_BUCKET", table.to_owned()),
            ("ARREARS_PLUGIN_BUCKET", PLUGIN_BUCKET.to_owned()),
            ("ARREARS_ARTIFACTS", self.artifacts().display().to_string()),
        ];
        variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
        variables
    }
}
