package dev.pbp.bench.push;

import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.util.Arrays;

/** A site in a process of its own, and in another one clients of event streams, as many in each of some rooms: each follows the rows of its room. */
public final class RoomClients implements AutoCloseable {
    private final PushNode node;
    private final int clients;

    private RoomClients(PushNode node, int clients) {
        this.node = node;
        this.clients = clients;
    }

    /**
     * Starts them, and connects the clients.
     *
     * @param database of the site
     * @param number tells the load generators of one machine apart
     * @param first the number of the first room, whose rows have {@code room-NUMBER} as {@code val}
     * @param rooms how many rooms there are
     * @param each how many clients a room has
     * @return to be closed by the caller
     * @throws Exception if they cannot be started
     */
    public static RoomClients start(TestDatabase database, int number, int first, int rooms, int each)
            throws Exception {
        PushNode node = PushNode.inRooms(database, number, first, rooms);
        int connected = node.connect(rooms * each);
        if (connected != rooms * each) {
            node.close();
            throw new IOException("generator: " + connected + " of " + rooms * each + " clients could connect");
        }
        return new RoomClients(node, connected);
    }

    /**
     * Begins to wait for a row.
     *
     * @param id the row's id
     * @throws IOException if the generator has ended
     */
    public void expect(int id) throws IOException {
        node.askClients("expect \"new\":{\"id\":" + id + ",");
    }

    /**
     * Waits until a number of clients have received the row.
     *
     * @param count how many
     * @return when each had it, by {@link System#nanoTime}
     * @throws IOException if fewer have it after a minute, or others too
     */
    public long[] received(int count) throws IOException {
        long[] nanos = Arrays.stream(node.askClients("received " + count).split(" "))
                .mapToLong(Long::parseLong)
                .filter(each -> each != 0)
                .toArray();
        if (nanos.length != count) {
            throw new IOException(nanos.length + " of " + clients + " clients have a row that concerns " + count);
        }
        return nanos;
    }

    @Override
    public void close() throws IOException {
        node.close();
    }
}
