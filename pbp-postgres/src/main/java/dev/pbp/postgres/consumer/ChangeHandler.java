package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.Change;
import java.sql.Connection;
import java.util.List;
import java.util.Set;

/**
 * Receives the changes that a {@link DurableConsumer} follows.
 *
 * <p>Each call gets the connection of the transaction in which the consumer's cursor is stored. What the handler writes
 * through it is committed together with the cursor, or not at all: it happens exactly once. The consumer ends the
 * transaction; the connection refuses {@code commit}, {@code rollback} and {@code close}.
 *
 * <p>An exception rolls the transaction back, and the same changes come again after a pause. Effects elsewhere, such as
 * messages and calls to other services, can therefore happen several times; {@link Change#txid()} with table and key
 * identifies a repetition.
 *
 * <p>Calls come from one thread, one after the other. The next one may come to another instance of the program. Tables that
 * the consumer follows should not be written by the handler: such changes come back to it.
 */
public interface ChangeHandler {
    /**
     * Handles committed changes.
     *
     * @param connection a transaction at READ COMMITTED
     * @param changes at least one, in the order in which to apply them; transactions are whole
     * @throws Exception to roll back and to receive the same changes again
     */
    void changes(Connection connection, List<Change> changes) throws Exception;

    /**
     * Handles a part of a transaction that is too large to be delivered at once. Each part is stored in a transaction of its
     * own, so a consumer that is interrupted goes on with the part that comes next. Between the parts of one transaction no
     * other changes come. If its changes turn out not to be known to the end, {@link #mustRefetch} comes in place of the
     * last part.
     *
     * @param connection a transaction at READ COMMITTED
     * @param changes of one transaction, in order; none if the rest of the transaction is of no interest
     * @param last whether the transaction ends with this part
     * @throws Exception to roll back and to receive the same part again
     */
    void part(Connection connection, List<Change> changes, boolean last) throws Exception;

    /**
     * Handles the loss of the changes of some tables: what was derived from them has to be made anew from their rows. The
     * first call for a table, when the consumer starts without a cursor or with a further table, is one of these.
     *
     * <p>The connection shows the tables at one point of the feed, and the changes that follow are exactly those that it does
     * not show. Of the consumer's other tables all changes up to that point have been delivered.
     *
     * @param connection a transaction at REPEATABLE READ
     * @param tables the tables concerned, at least one
     * @throws Exception to roll back and to be called again
     */
    void mustRefetch(Connection connection, Set<String> tables) throws Exception;
}
