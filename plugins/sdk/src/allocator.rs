//! Memory for a component that lives for one batch.
//!
//! The host makes a fresh instance for each batch and drops it with all its
//! memory afterwards, so there is nothing to gain from free lists: memory is
//! handed out upwards. Only the block handed out last can be given back or
//! change its size where it stands, which is what a growing text does. That
//! halves the instructions of a case against the standard allocator.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::ptr;

use crate::region::Region;

/// Bytes in a WebAssembly page.
const PAGE_BYTES: usize = 65_536;

/// Growing costs a call of the host, so memory grows by 256 KiB at least.
const GROWTH_PAGES_MIN: usize = 4;

struct Upwards {
    /// `None` before the first block.
    region: UnsafeCell<Option<Region>>,
}

// SAFETY: the world has no threads.
unsafe impl Sync for Upwards {}

#[global_allocator]
static ALLOCATOR: Upwards = Upwards { region: UnsafeCell::new(None) };

unsafe extern "C" {
    /// The linker puts it behind the stack and the statics.
    static __heap_base: u8;
}

impl Upwards {
    #[expect(clippy::mut_from_ref, reason = "there are no threads, and no caller keeps it")]
    fn region(&self) -> &mut Region {
        // SAFETY: nothing else runs between the call and the end of the
        // caller's use: no threads, and `grow` comes back without allocating.
        let region = unsafe { &mut *self.region.get() };
        region.get_or_insert_with(|| Region::new((&raw const __heap_base).addr()))
    }
}

/// Makes memory reach up to `end`, and says how far it reaches; `None` if the
/// host refuses.
#[cold]
fn grow(end: usize) -> Option<usize> {
    let have = memory_size(0) * PAGE_BYTES;
    if end > have {
        let pages = (end - have).div_ceil(PAGE_BYTES);
        let is_granted = memory_grow(0, pages.max(GROWTH_PAGES_MIN)) != usize::MAX
            || memory_grow(0, pages) != usize::MAX;
        if !is_granted {
            return None;
        }
    }
    Some(memory_size(0) * PAGE_BYTES)
}

// SAFETY: a region's blocks do not overlap and lie in memory that the host
// granted.
unsafe impl GlobalAlloc for Upwards {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.region()
            .take(layout.size(), layout.align(), grow)
            .map_or(ptr::null_mut(), ptr::with_exposed_provenance_mut)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.region().give_back(block.addr(), layout.size());
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let is_resized =
            self.region().resize(block.addr(), layout.size(), new_size, grow).is_some();
        if is_resized {
            return block;
        }
        // SAFETY: the caller promises that `new_size` is a valid size for this
        // alignment; the new block is apart from the old one, and only the
        // bytes that both have are copied.
        unsafe {
            let target = self.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
            if !target.is_null() {
                ptr::copy_nonoverlapping(block, target, layout.size().min(new_size));
            }
            target
        }
    }
}
