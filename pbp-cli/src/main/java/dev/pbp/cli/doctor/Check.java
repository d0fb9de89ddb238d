package dev.pbp.cli.doctor;

import java.sql.SQLException;

/** Looks at one thing. */
interface Check {
    /** A word or two, the same for all time: programs identify checks by it. */
    String name();

    /** Looks, and writes down what it finds. What it throws counts as not having been able to look. */
    void look(CheckContext context, CheckReport report) throws SQLException;
}
