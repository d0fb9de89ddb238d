package dev.pbp.postgres.internal.log;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The order of what one statement has deleted and inserted.
 *
 * <p>A WITH whose INSERT does not read its DELETE to the end logs the inserted rows first, although a key is free only once it
 * is given up. If the two rows are equal, RowOrder cannot distinguish this from an INSERT and a later DELETE. But a later DELETE is
 * a command itself, between the two that log; so where commands follow one another without a gap, one statement logged all.
 * The converse does not hold: a trigger that writes in between leaves a gap.
 */
final class StatementOrder {
    private StatementOrder() {}

    /**
     * Moves what was given up before what was taken.
     *
     * @param rows of one transaction, in the order of logging
     */
    static void correct(List<LogRow> rows) {
        int begin = 0;
        for (int i = 1; i <= rows.size(); i++) {
            if (i == rows.size() || !follows(rows.get(i - 1), rows.get(i))) {
                correctOne(rows.subList(begin, i));
                begin = i;
            }
        }
    }

    private static boolean follows(LogRow before, LogRow row) {
        long step = row.command() - before.command();
        return step == 0 || step == 1;
    }

    private static void correctOne(List<LogRow> rows) {
        if (rows.get(0).command() == rows.get(rows.size() - 1).command()) {
            return; // of one trigger
        }
        Map<String, Integer> taken = new HashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            LogRow row = rows.get(i);
            String place = row.depth() + " " + row.table() + " " + row.key();
            if (row.op().equals("i")) {
                taken.put(place, i);
            } else if (row.op().equals("d")) {
                Integer other = taken.remove(place);
                if (other != null && rows.get(other).command() < row.command()) {
                    LogRow inserted = rows.get(other);
                    rows.set(other, row.at(inserted.lsn()));
                    rows.set(i, inserted.at(row.lsn()));
                }
            }
        }
    }
}
