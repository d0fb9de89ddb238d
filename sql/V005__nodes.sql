-- Numbers that tell the nodes which serve this database apart. Two that run at once share one only if a multiple of a
-- thousand starts lies between them.
CREATE SEQUENCE pbp.node MINVALUE 0 MAXVALUE 999 CYCLE;
