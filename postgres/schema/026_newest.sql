-- The newest rows of all with the office of each, in an index alone: whoever sees many offices finds a page among them.
create index pilot_row_newest on pilot_row (created_at desc, id desc) include (place, draft);
drop index pilot_row_order;
create index project_row_newest on project_row (created_at desc, id desc) include (place);
drop index project_row_order;
create index payment_row_newest on payment_row (created_at desc, id desc) include (place);
drop index payment_row_order;
