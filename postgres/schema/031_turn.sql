-- Turns follow the commands that change them: a command only notes its aggregate in “unturned”, which is a fraction of what the rows cost,
-- and a worker writes the rows at once (see postgres/turn.go). Lists of turns lag behind the record by that moment.
drop function keep_turns(text, text, jsonb, jsonb);
