//! What a thread asks for. Cues of eight categories in English, Spanish, French and German are weighed over the subject,
//! the new text and, with less weight, the earlier mails; the mailbox written to is one more hint.

use serde::{Deserialize, Serialize};

use crate::cue::Cues;
use crate::reading::Reading;
use crate::vocabulary::CUES;

/// The business process a task belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Category {
    /// Orders from entry to release.
    #[serde(rename = "Order Management")]
    OrderManagement,
    /// Prices for a given need.
    #[serde(rename = "Quote Processing")]
    QuoteProcessing,
    /// Goods on their way.
    #[serde(rename = "Shipping and Logistics")]
    ShippingAndLogistics,
    /// Price lists and programmes of vendors.
    #[serde(rename = "Vendor Pricing Updates")]
    VendorPricingUpdates,
    /// Goods coming back, warranty and repair.
    #[serde(rename = "Returns and RMA")]
    ReturnsAndRma,
    /// Master data, credit and users of a customer.
    #[serde(rename = "Account Changes")]
    AccountChanges,
    /// Deal registration, promotions, subscriptions.
    #[serde(rename = "Deal Activations")]
    DealActivations,
    /// Everything else.
    #[serde(rename = "General Support")]
    GeneralSupport,
}

impl Category {
    /// All categories.
    pub const ALL: [Self; 8] = [
        Self::OrderManagement,
        Self::QuoteProcessing,
        Self::ShippingAndLogistics,
        Self::VendorPricingUpdates,
        Self::ReturnsAndRma,
        Self::AccountChanges,
        Self::DealActivations,
        Self::GeneralSupport,
    ];

    /// The name used in the API and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrderManagement => "Order Management",
            Self::QuoteProcessing => "Quote Processing",
            Self::ShippingAndLogistics => "Shipping and Logistics",
            Self::VendorPricingUpdates => "Vendor Pricing Updates",
            Self::ReturnsAndRma => "Returns and RMA",
            Self::AccountChanges => "Account Changes",
            Self::DealActivations => "Deal Activations",
            Self::GeneralSupport => "General Support",
        }
    }
}

/// The category that most cues speak for.
pub(crate) fn choose(reading: &Reading<'_>) -> Category {
    let best = weights(reading).iter().copied().reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.filter(|(_, weight)| *weight >= 1.0).map_or(Category::GeneralSupport, |(category, _)| category)
}

/// What speaks for each category by the rules; found once a mail.
pub(crate) fn weights<'r>(reading: &'r Reading<'_>) -> &'r [(Category, f32)] {
    reading.categories.get_or_init(|| {
        let (mailbox, department) = (mailbox(reading), department(reading));
        let weigh = |(category, cues): &(Category, Cues)| {
            let mut weight = cues.find(&reading.subject).weight * 1.5 + cues.find(&reading.own).weight;
            for layer in &reading.layers {
                weight += cues.find(layer).weight * 0.4 / (reading.layers.len() as f32).sqrt();
            }
            weight += if mailbox == Some(*category) { 1.5 } else { 0.0 };
            weight += if department == Some(*category) { 1.0 } else { 0.0 };
            (*category, weight)
        };
        CUES.iter().map(weigh).collect()
    })
}

/// What the mailbox written to, or the department of the one of us who writes, is for.
pub(crate) fn addressed(reading: &Reading<'_>) -> Option<Category> {
    mailbox(reading).or_else(|| department(reading))
}

/// What the addressed shared mailbox is for, by the beginning of its name.
fn mailbox(reading: &Reading<'_>) -> Option<Category> {
    use Category::{
        AccountChanges, DealActivations, GeneralSupport, OrderManagement, QuoteProcessing, ReturnsAndRma,
        ShippingAndLogistics, VendorPricingUpdates,
    };
    const BOXES: &[(&str, Category)] = &[
        ("vendorpric", VendorPricingUpdates),
        ("vendor", VendorPricingUpdates),
        ("pricelist", VendorPricingUpdates),
        ("preislist", VendorPricingUpdates),
        ("order", OrderManagement),
        ("pedido", OrderManagement),
        ("commande", OrderManagement),
        ("bestell", OrderManagement),
        ("auftrag", OrderManagement),
        ("quot", QuoteProcessing),
        ("pricing", QuoteProcessing),
        ("cotiz", QuoteProcessing),
        ("devis", QuoteProcessing),
        ("angebot", QuoteProcessing),
        ("return", ReturnsAndRma),
        ("rma", ReturnsAndRma),
        ("devolu", ReturnsAndRma),
        ("retour", ReturnsAndRma),
        ("retoure", ReturnsAndRma),
        ("logist", ShippingAndLogistics),
        ("ship", ShippingAndLogistics),
        ("freight", ShippingAndLogistics),
        ("versand", ShippingAndLogistics),
        ("account", AccountChanges),
        ("credit", AccountChanges),
        ("cuenta", AccountChanges),
        ("compte", AccountChanges),
        ("kundenkont", AccountChanges),
        ("deal", DealActivations),
        ("support", GeneralSupport),
        ("help", GeneralSupport),
        ("soporte", GeneralSupport),
        ("licen", DealActivations),
        ("renewal", DealActivations),
    ];
    let local = |email: &str| BOXES.iter().find(|(begin, _)| email.starts_with(begin)).map(|(_, category)| *category);
    reading.mail.to.iter().chain(&reading.mail.cc).chain(&reading.mail.from).find_map(|address| local(address.local()))
}

/// The department one of our people signs for.
fn department(reading: &Reading<'_>) -> Option<Category> {
    const WORDS: &[(&str, Category)] = &[
        ("return", Category::ReturnsAndRma),
        ("rma", Category::ReturnsAndRma),
        ("retour", Category::ReturnsAndRma),
        ("devoluc", Category::ReturnsAndRma),
        ("logisti", Category::ShippingAndLogistics),
        ("versand", Category::ShippingAndLogistics),
        ("freight", Category::ShippingAndLogistics),
        ("quote", Category::QuoteProcessing),
        ("angebot", Category::QuoteProcessing),
        ("devis", Category::QuoteProcessing),
        ("cotiza", Category::QuoteProcessing),
        ("order", Category::OrderManagement),
        ("auftrag", Category::OrderManagement),
        ("commande", Category::OrderManagement),
        ("pedido", Category::OrderManagement),
        ("deal", Category::DealActivations),
        ("licen", Category::DealActivations),
    ];
    if !reading.house.sent {
        return None;
    }
    let signature = reading.mail.signature.to_lowercase();
    let title = signature.lines().take(4).collect::<Vec<_>>().join("\n");
    WORDS.iter().find(|(word, _)| title.contains(word)).map(|(_, category)| *category)
}
