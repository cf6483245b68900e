//! What a process that was killed leaves in the folder.

use crate::support::*;
use crate::uploads::{KEY, LEAST, bytes, kept, upload};
use arrears_storage::{Location, StorageError, Store};

#[tokio::test]
async fn what_a_killed_publisher_leaves_is_removed_when_the_folder_is_opened() {
    let fixture = fixture().await;
    let objects = fixture.folder.path().join("objects");
    let mut open_upload = upload(&fixture.store, KEY, &[bytes(LEAST, 1)]).await;
    let killed = upload(&fixture.store, "killed", &[bytes(3, 1), bytes(3, 2)]).await;
    // So far the engine gets before it begins to put the parts together.
    std::fs::remove_file(objects.join(format!(".upload-{}.json", killed.id()))).unwrap();
    let place = Location::Embedded(fixture.folder.path().to_owned());
    let store = Store::open(place, fixture.store.agency().clone()).await.unwrap();
    assert!(
        kept(fixture.folder.path())
            .iter()
            .all(|it| !it.contains("_id-") || it.contains(open_upload.id()))
    );
    open_upload.part(b"end".to_vec().into()).await.unwrap();
    open_upload.publish().await.unwrap();
    assert_eq!(store.get_object(KEY).await.unwrap().len(), LEAST + 3);
    assert!(matches!(store.get_object("killed").await, Err(StorageError::NoObject { .. })));
}
