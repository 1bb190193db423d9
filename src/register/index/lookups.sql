-- The indexes that only questions need, made when the whole register was read: sorting once is faster than keeping order.
CREATE INDEX entries_id ON entries (id);
CREATE INDEX entries_source ON entries (source, type, part, void);
CREATE INDEX entries_content ON entries (content);
CREATE INDEX entries_title ON entries (title);
CREATE INDEX entries_note_id ON entries (note_id) WHERE note_id IS NOT NULL;
CREATE INDEX entries_number ON entries (number) WHERE number IS NOT NULL;
CREATE INDEX entries_type ON entries (type);
CREATE INDEX entries_date ON entries (date);
CREATE INDEX entries_past ON entries (place) WHERE superseded_by IS NOT NULL OR void OR disposed OR joins IS NOT NULL;
CREATE INDEX entries_changed ON entries (changed) WHERE changed IS NOT NULL;
CREATE INDEX named_person ON named (person, place);
CREATE INDEX related_target ON related (target);
CREATE INDEX paths_hash ON paths (hash);
CREATE INDEX numbers_hash ON numbers (hash);
