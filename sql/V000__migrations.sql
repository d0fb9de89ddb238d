-- Which of these files a database already has. This one alone may run again.

CREATE SCHEMA IF NOT EXISTS pbp;
COMMENT ON SCHEMA pbp IS 'pbp: live tables. To remove: SELECT pbp.remove()';

CREATE TABLE IF NOT EXISTS pbp.migration (
    component text        NOT NULL, -- pbp, or whose files these are
    file      text        NOT NULL,
    sha256    text        NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (component, file)
);
