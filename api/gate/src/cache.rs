//! Caches of admitted documents and of their prices: a repeated document costs a look-up. A full cache drops the entries
//! that were not used again. No lock is held while a document is parsed or priced.

use std::convert::Infallible;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use quick_cache::sync;
use quick_cache::{Equivalent, Weighter};

use super::{Document, Price};

/// Text kept for each document allowed, on average. A parsed document takes some tens of times its text, and anyone
/// may send a thousand of the largest.
const BYTES_PER_DOCUMENT: usize = 4 * 1024;
/// The longest key of a price that is kept, and what an entry takes besides its key, in bytes.
const LONGEST_KEY: usize = 1_024;
const PRICE_BYTES: u64 = 64;
/// Prices expected for a document.
const PRICES_PER_DOCUMENT: usize = 16;

/// Documents by their text and the operation asked for, and prices by what they depend on.
pub struct Cache {
    documents: sync::Cache<CachedDocument, Arc<Document>, DocumentWeighter>,
    prices: sync::Cache<Vec<u8>, Price, PriceWeighter>,
}

impl Cache {
    /// For so many documents of 4 KiB of text at most, or fewer that are longer, and as many bytes of prices.
    pub fn new(documents: usize) -> Self {
        let bytes = documents.saturating_mul(BYTES_PER_DOCUMENT) as u64;
        let prices = documents.saturating_mul(PRICES_PER_DOCUMENT);
        Self {
            documents: sync::Cache::with_weighter(documents, documents as u64, DocumentWeighter),
            prices: sync::Cache::with_weighter(prices, bytes, PriceWeighter),
        }
    }

    /// The document with exactly this text and operation name.
    pub fn get(&self, query: &str, operation: Option<&str>) -> Option<Arc<Document>> {
        self.documents.get(&DocumentKey { query, operation })
    }

    /// The document as kept. Of two that were parsed at once, the first.
    pub fn insert(&self, document: Document) -> Arc<Document> {
        let document = Arc::new(document);
        let key = CachedDocument(Arc::clone(&document));
        let Ok(kept) = self.documents.get_or_insert_with(&key, || Ok::<_, Infallible>(document));
        kept
    }

    /// The price found before under this key.
    pub fn price(&self, key: &[u8]) -> Option<Price> {
        self.prices.get(key)
    }

    /// Keeps a price for the next request like it.
    pub fn keep_price(&self, key: Vec<u8>, price: Price) {
        if key.len() <= LONGEST_KEY {
            self.prices.insert(key, price);
        }
    }

    #[cfg(test)]
    pub(super) fn documents(&self) -> usize {
        self.documents.len()
    }

    #[cfg(test)]
    pub(super) fn price_bytes(&self) -> u64 {
        self.prices.weight()
    }
}

/// The key of a document: its text and the operation asked for.
#[derive(Hash, PartialEq)]
struct DocumentKey<'a> {
    query: &'a str,
    operation: Option<&'a str>,
}

impl Equivalent<CachedDocument> for DocumentKey<'_> {
    fn equivalent(&self, kept: &CachedDocument) -> bool {
        *self == kept.key()
    }
}

/// A document as its own key, so that the cache holds its text once.
#[derive(Clone)]
struct CachedDocument(Arc<Document>);

impl CachedDocument {
    fn key(&self) -> DocumentKey<'_> {
        DocumentKey { query: self.0.text(), operation: self.0.operation_name() }
    }
}

impl Hash for CachedDocument {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialEq for CachedDocument {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for CachedDocument {}

#[derive(Clone)]
struct DocumentWeighter;

impl Weighter<CachedDocument, Arc<Document>> for DocumentWeighter {
    fn weight(&self, _: &CachedDocument, document: &Arc<Document>) -> u64 {
        document.text().len().div_ceil(BYTES_PER_DOCUMENT).max(1) as u64
    }
}

#[derive(Clone)]
struct PriceWeighter;

impl Weighter<Vec<u8>, Price> for PriceWeighter {
    fn weight(&self, key: &Vec<u8>, _: &Price) -> u64 {
        key.len() as u64 + PRICE_BYTES
    }
}
