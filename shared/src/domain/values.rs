//! The closed vocabularies of a task.

use super::text_enum::text_enum;

text_enum! {
    /// What a task is about.
    Category {
        /// Purchase orders and everything until release to a carrier.
        OrderManagement = "Order Management",
        /// Prices for a given need.
        QuoteProcessing = "Quote Processing",
        /// From release to a carrier until proof of delivery.
        ShippingAndLogistics = "Shipping and Logistics",
        /// Price lists, increases, rebate programmes.
        VendorPricingUpdates = "Vendor Pricing Updates",
        /// Returns, warranty, repair, credit for returned goods.
        ReturnsAndRma = "Returns and RMA",
        /// Addresses, tax, payment details, credit terms, users.
        AccountChanges = "Account Changes",
        /// Deal registration, promotions, licence activation.
        DealActivations = "Deal Activations",
        /// Everything else.
        GeneralSupport = "General Support",
    }
}

impl Category {
    /// Older names that are still in use.
    const OLDER: [(&'static str, Self); 5] = [
        ("Shipping/Logistics", Self::ShippingAndLogistics),
        ("Customer Support", Self::GeneralSupport),
        ("Deal Registration", Self::DealActivations),
        ("Vendor Management", Self::VendorPricingUpdates),
        ("Renewal Processing", Self::AccountChanges),
    ];

    /// The category of a name or of one of the older names.
    pub fn from_input(text: &str) -> Option<Self> {
        let older = || Self::OLDER.iter().find(|(name, _)| *name == text).map(|(_, category)| *category);
        Self::parse(text).or_else(older)
    }

    /// Every name that [`Category::from_input`] takes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|category| category.as_str()).chain(Self::OLDER.iter().map(|(name, _)| *name))
    }
}

text_enum! {
    /// How far the matter has come.
    WorkflowState {
        /// First request or notice.
        StartPoint = "START_POINT",
        /// Under way.
        InProgress = "IN_PROGRESS",
        /// Nothing left open.
        Completion = "COMPLETION",
    }
}

text_enum! {
    /// The colour of a task. The order is from best to worst, with COMPLETED apart.
    Status {
        /// Done.
        Completed = "COMPLETED",
        /// On track.
        Green = "GREEN",
        /// Waits on somebody, or at risk.
        Yellow = "YELLOW",
        /// Harm is happening.
        Red = "RED",
    }
}

text_enum! {
    /// How soon a task must be worked on; the first is the most urgent.
    Priority {
        /// At once.
        Critical = "CRITICAL",
        /// Today.
        High = "HIGH",
        /// This week.
        Medium = "MEDIUM",
        /// In its turn.
        Normal = "NORMAL",
    }
}

text_enum! {
    /// Where a task stands against its deadline.
    SlaState {
        /// No deadline.
        None = "none",
        /// More time left than the warning threshold.
        Ok = "ok",
        /// Within the warning threshold.
        Warning = "warning",
        /// Within the critical threshold.
        Critical = "critical",
        /// Past the deadline and still open.
        Violated = "violated",
        /// Completed at the deadline or before.
        Met = "met",
        /// Completed after the deadline.
        Missed = "missed",
        /// The clock stands still.
        Paused = "paused",
    }
}

text_enum! {
    /// Whom work on a task waits for.
    WaitingOn {
        /// Whoever asked. The clock of the SLA stands still where the policy says so.
        Customer = "customer",
        /// A supplier.
        Vendor = "vendor",
        /// Somebody of ours.
        Internal = "internal",
    }
}

text_enum! {
    /// Why a deadline was missed.
    BreachReason {
        /// The customer took long to answer.
        CustomerDelay = "customer_delay",
        /// A supplier took long to answer.
        VendorDelay = "vendor_delay",
        /// More work than people.
        Capacity = "capacity",
        /// What was asked could not be worked on as it came.
        MissingInformation = "missing_information",
        /// A system was down.
        SystemOutage = "system_outage",
        /// It first came to the wrong people.
        Misrouted = "misrouted",
        /// None of these.
        Other = "other",
    }
}
