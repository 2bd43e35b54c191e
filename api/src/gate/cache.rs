//! Documents admitted before, so that one seen again costs a look-up.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::RwLock;

use super::Document;

/// Text kept for each entry allowed, on average. A parsed document takes some tens of times its text, and anyone
/// may send a thousand of the largest.
const BYTES_PER_ENTRY: usize = 4 * 1024;

/// A bounded map from the text and operation name to the document. Hashes are seeded at random and only find a
/// candidate: the text decides.
pub struct Cache {
    seeds: ahash::RandomState,
    most_entries: usize,
    shelf: RwLock<Shelf>,
}

#[derive(Default)]
struct Shelf {
    entries: HashMap<u64, Entry>,
    bytes: usize,
}

struct Entry {
    document: Arc<Document>,
    /// Read since the last clearing.
    touched: AtomicBool,
}

impl Cache {
    /// A cache of at most so many documents.
    pub fn new(most_entries: usize) -> Self {
        Self { seeds: ahash::RandomState::new(), most_entries, shelf: RwLock::default() }
    }

    /// The document with exactly this text and operation name.
    pub fn get(&self, query: &str, operation: Option<&str>) -> Option<Arc<Document>> {
        self.get_at(self.hash(query, operation), query, operation)
    }

    /// The document as kept. Of two that were parsed at once, the first.
    pub fn insert(&self, document: Document) -> Arc<Document> {
        let hash = self.hash(document.text(), document.operation_name());
        self.insert_at(hash, document)
    }

    /// Looks where a hash points, and behind it where two texts share it.
    pub(super) fn get_at(&self, hash: u64, query: &str, operation: Option<&str>) -> Option<Arc<Document>> {
        let shelf = self.shelf.read();
        let (_, entry) = shelf.find(hash, query, operation);
        entry.map(|entry| {
            entry.touched.store(true, Ordering::Relaxed);
            Arc::clone(&entry.document)
        })
    }

    pub(super) fn insert_at(&self, hash: u64, mut document: Document) -> Arc<Document> {
        let mut shelf = self.shelf.write();
        let (place, known) = shelf.find(hash, document.text(), document.operation_name());
        if let Some(known) = known {
            return Arc::clone(&known.document);
        }
        // No two documents kept have the same hash: other caches go by it.
        document.hash = place;
        let document = Arc::new(document);
        let size = document.text().len();
        let most_bytes = self.most_entries.saturating_mul(BYTES_PER_ENTRY);
        if size > most_bytes / 4 {
            return document;
        }
        if shelf.entries.len() >= self.most_entries || shelf.bytes + size > most_bytes {
            shelf.clear(self.most_entries / 2, most_bytes / 2);
        }
        if shelf.entries.len() < self.most_entries {
            shelf.bytes += size;
            let entry = Entry { document: Arc::clone(&document), touched: AtomicBool::new(false) };
            shelf.entries.insert(place, entry);
        }
        document
    }

    fn hash(&self, query: &str, operation: Option<&str>) -> u64 {
        self.seeds.hash_one((query, operation))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shelf.read().entries.len()
    }
}

impl Shelf {
    /// The entry of this text, or the free place where it belongs.
    fn find(&self, hash: u64, query: &str, operation: Option<&str>) -> (u64, Option<&Entry>) {
        let mut place = hash;
        while let Some(entry) = self.entries.get(&place) {
            if entry.document.text() == query && entry.document.operation_name() == operation {
                return (place, Some(entry));
            }
            place = place.wrapping_add(1);
        }
        (place, None)
    }

    /// Drops what was not read since the last time, and then whatever it takes.
    fn clear(&mut self, most_entries: usize, most_bytes: usize) {
        let (mut kept, mut bytes) = (0, 0);
        self.entries.retain(|_, entry| {
            let size = entry.document.text().len();
            let touched = std::mem::take(entry.touched.get_mut());
            let keep = touched && kept < most_entries && bytes + size <= most_bytes;
            if keep {
                kept += 1;
                bytes += size;
            }
            keep
        });
        self.bytes = bytes;
    }
}
