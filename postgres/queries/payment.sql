-- name: PutPaymentRow :exec
insert into payment_row (id, pilot, payer_kind, payer, stage, version, ended, place, programme, programme_version, tranche, attempt, organization,
    organization_zh, organization_en, fen, voucher, due, created_at, updated_at, readers)
select @id, @pilot, @payer_kind, @payer, @stage, @version, @ended, @place, @programme, @programme_version, @tranche, @attempt, @organization,
    @organization_zh, @organization_en, @fen, @voucher, @due, @created_at, @updated_at, @readers
where follows('payment', @id)
on conflict (id) do update set pilot = excluded.pilot, payer_kind = excluded.payer_kind, payer = excluded.payer, stage = excluded.stage,
    version = excluded.version, ended = excluded.ended, place = excluded.place, programme = excluded.programme,
    programme_version = excluded.programme_version, tranche = excluded.tranche, attempt = excluded.attempt,
    organization = excluded.organization, organization_zh = excluded.organization_zh, organization_en = excluded.organization_en,
    fen = excluded.fen, voucher = excluded.voucher, readers = excluded.readers, due = excluded.due, created_at = excluded.created_at, updated_at = excluded.updated_at;

-- name: GetPaymentRow :one
select * from payment_row where id = $1;

-- Payments of one office that are at the bank or waiting for a voucher, by the day on which the gateway was first
-- instructed.
-- name: ListPaymentRowsInstructed :many
select r.* from payment_row r
where r.place = @place and r.stage in ('confirmation', 'clearing')
    and (select min(j.day) from journal j where j.kind = 'payment' and j.id = r.id and j.name = 'instructed') = @day::date
order by r.id;
