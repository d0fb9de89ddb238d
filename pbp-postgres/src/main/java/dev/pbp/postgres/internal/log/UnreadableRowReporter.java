package dev.pbp.postgres.internal.log;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Rows that the server cannot send in UTF-8: they hold bytes that its encoding has no character for. Their tables' readers must
 * refetch. Safe for use by any number of threads.
 */
final class UnreadableRowReporter {
    /** The operation of such a row, in place of the one in the log. */
    static final String OP = "x";

    private static final Logger LOG = System.getLogger(UnreadableRowReporter.class.getName());
    private static final int REMEMBERED = 1000;

    private final Set<String> reported = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    }));

    /** Writes a warning if the row is unreadable: one line for each transaction and table. */
    void report(long xid, LogRow row) {
        if (row.op().equals(OP) && reported.add(xid + " " + row.table())) {
            LOG.log(
                    Level.WARNING,
                    "feed: " + (row.table().isEmpty() ? "a table whose name is no text in UTF-8" : row.table())
                            + ": transaction " + xid
                            + " wrote a row that cannot be converted to UTF-8; readers of the table must refetch");
        }
    }
}
