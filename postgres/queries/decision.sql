-- Returns one row if the decision was written.
-- name: Decided :execrows
select from decided(
    @kind::text, @id::text, @seq::integer, @head::bytea, @now::timestamptz,
    @guess::boolean, @virtual::boolean, @places::bigint, @keys::text[],
    @actor::text, @command::text, @request::bytea, @version::integer, @late::boolean,
    @names::text[], @versions::integer[], @days::date[], @data::json[], @hashes::bytea[],
    @place::text, @stage::text, @shape::integer, @state::json, sqlc.narg('next_at')::timestamptz, @owes::boolean, @ended::boolean, @created_at::timestamptz,
    @released::text[], @claimed::text[], @files::text[], @media_types::text[], @salt::text, @fields::text[], @contents::text[],
    @owners::text[], @accounts::text[], @categories::text[], @floors::bigint[],
    @entries::integer[], @counts::integer[], @line_entries::integer[], @line_numbers::integer[], @line_accounts::integer[], @fens::bigint[],
    @news::boolean, @held::interval, @root::text, @carried::boolean
) as written where written;
