//! Runs one SQL text on whichever database a session talks to.

/// The first row as `$row`, or `None`.
macro_rules! fetch_optional {
    ($session:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $session.target() {
            $crate::store::db::Target::Pg(c) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(c).await,
            $crate::store::db::Target::Sqlite(c) =>
                sqlx::query_as::<_, $row>($crate::store::dialect::sqlite($sql))$(.bind($bind))*.fetch_optional(c).await,
        }.map_err($crate::store::StoreError::from)
    };
}

/// Exactly one row as `$row`.
macro_rules! fetch_one {
    ($session:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $session.target() {
            $crate::store::db::Target::Pg(c) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_one(c).await,
            $crate::store::db::Target::Sqlite(c) =>
                sqlx::query_as::<_, $row>($crate::store::dialect::sqlite($sql))$(.bind($bind))*.fetch_one(c).await,
        }.map_err($crate::store::StoreError::from)
    };
}

/// All rows as `$row`.
macro_rules! fetch_all {
    ($session:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $session.target() {
            $crate::store::db::Target::Pg(c) => sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(c).await,
            $crate::store::db::Target::Sqlite(c) =>
                sqlx::query_as::<_, $row>($crate::store::dialect::sqlite($sql))$(.bind($bind))*.fetch_all(c).await,
        }.map_err($crate::store::StoreError::from)
    };
}

/// The number of rows affected.
macro_rules! execute {
    ($session:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $session.target() {
            $crate::store::db::Target::Pg(c) =>
                sqlx::query($sql)$(.bind($bind))*.execute(c).await.map(|done| done.rows_affected()),
            $crate::store::db::Target::Sqlite(c) => sqlx::query($crate::store::dialect::sqlite($sql))$(.bind($bind))*
                .execute(c).await.map(|done| done.rows_affected()),
        }.map_err($crate::store::StoreError::from)
    };
}

pub(super) use {execute, fetch_all, fetch_one, fetch_optional};
