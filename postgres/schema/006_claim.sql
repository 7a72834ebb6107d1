-- Keys that one aggregate holds alone: an organization's application, a document number, a tranche's live payment.
create table claim (
    key  text primary key,
    kind text not null,
    id   text not null
);
create index claim_holder on claim (kind, id);
