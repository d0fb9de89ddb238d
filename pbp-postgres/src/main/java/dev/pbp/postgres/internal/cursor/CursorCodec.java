package dev.pbp.postgres.internal.cursor;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.MustRefetchException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.sql.DataSource;

/**
 * Encodes positions as cursors, signs them, and decodes them again.
 *
 * <p>The key is made of the database's secret and of its origin (cluster, timeline, database, installation). So every node
 * decodes every other's cursors. A cursor that was forged, or that comes from another database or from before a restore, has
 * no valid signature here.
 *
 * <p>Safe for use by any number of threads.
 */
public final class CursorCodec {
    private static final byte SNAPSHOT = 1;
    private static final byte CATCHING_UP = 2;
    private static final byte IN_PARTS = 3;
    private static final int SIGNATURE_BYTES = 12;
    private static final int MAX_BYTES = Cursor.MAX_LENGTH * 3 / 4;

    private final DataSource source;
    private volatile SecretKeySpec key;

    public CursorCodec(DataSource source, SecretKeySpec key) {
        this.source = source;
        this.key = key;
    }

    /**
     * Reads the secret and the origin of an installed database.
     *
     * @throws SQLException if the database cannot be read, or the schema {@code pbp} is not installed
     */
    public static CursorCodec of(DataSource source) throws SQLException {
        return new CursorCodec(source, readKey(source));
    }

    /** Encodes a position. */
    public Cursor encode(Position position) {
        Snapshot target = position.target();
        ByteBuffer bytes = ByteBuffer.allocate(size(position.base()) + (target == null ? 0 : size(target)) + 64);
        bytes.put(target == null ? SNAPSHOT : position.isWithinTransaction() ? IN_PARTS : CATCHING_UP);
        put(bytes, position.base());
        if (target != null) {
            put(bytes, target);
            putNumber(bytes, position.last());
            putNumber(bytes, position.xid());
            if (position.isWithinTransaction()) {
                putNumber(bytes, position.within());
            }
        }
        byte[] signed = Arrays.copyOf(bytes.array(), bytes.position() + SIGNATURE_BYTES);
        System.arraycopy(signature(signed, bytes.position()), 0, signed, bytes.position(), SIGNATURE_BYTES);
        if (signed.length > MAX_BYTES) {
            throw new IllegalStateException("cursor: " + position.base().running().length
                    + " transactions are running at once, more than a cursor can name");
        }
        return new Cursor(Base64.getUrlEncoder().withoutPadding().encodeToString(signed));
    }

    /**
     * Decodes a cursor.
     *
     * @throws MustRefetchException if it is not a cursor of this database
     */
    public Position decode(Cursor cursor) {
        byte[] signed;
        try {
            signed = Base64.getUrlDecoder().decode(cursor.value());
        } catch (IllegalArgumentException notBase64) {
            throw unknown();
        }
        int length = signed.length - SIGNATURE_BYTES;
        if (length < 1
                || !MessageDigest.isEqual(
                        Arrays.copyOf(signature(signed, length), SIGNATURE_BYTES),
                        Arrays.copyOfRange(signed, length, signed.length))) {
            throw unknown();
        }
        try {
            return position(ByteBuffer.wrap(signed, 0, length));
        } catch (BufferUnderflowException tooShort) {
            throw unknown();
        }
    }

    private static Position position(ByteBuffer bytes) {
        Position position = switch (bytes.get()) {
            case SNAPSHOT -> Position.at(getSnapshot(bytes));
            case CATCHING_UP ->
                new Position(getSnapshot(bytes), getSnapshot(bytes), getNumber(bytes), getNumber(bytes));
            case IN_PARTS ->
                new Position(
                        getSnapshot(bytes), getSnapshot(bytes), getNumber(bytes), getNumber(bytes), getNumber(bytes));
            default -> throw unknown(); // signed by a later version
        };
        if (bytes.hasRemaining()) {
            throw unknown();
        }
        return position;
    }

    /**
     * Reads secret and origin again: after a failover or a restore this is another database.
     *
     * @return whether all cursors of before are void
     */
    public boolean refresh() throws SQLException {
        SecretKeySpec now = readKey(source);
        boolean changed = !now.equals(key);
        key = now;
        return changed;
    }

    private static MustRefetchException unknown() {
        return new MustRefetchException(
                "cursor: not a point of this database's change feed; read the table again and go on from that read's cursor");
    }

    /**
     * Where the origin is new, this is a restored or promoted copy: its log holds another cluster's transaction ids and is
     * emptied, before any cursor of this origin exists.
     */
    private static SecretKeySpec readKey(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("WITH moved AS (UPDATE pbp.feed SET origin = pbp.origin(), removed = '0'"
                    + " WHERE origin <> pbp.origin() RETURNING 1),"
                    + " passed AS (DELETE FROM pbp.waypoint WHERE EXISTS (SELECT FROM moved))"
                    + " DELETE FROM pbp.log WHERE EXISTS (SELECT FROM moved)");
            try (ResultSet row = statement.executeQuery("SELECT secret, origin FROM pbp.feed")) {
                if (!row.next()) {
                    throw new SQLException("pbp.feed is empty: install the schema again");
                }
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(row.getBytes(1), "HmacSHA256"));
                return new SecretKeySpec(mac.doFinal(row.getString(2).getBytes(StandardCharsets.UTF_8)), "HmacSHA256");
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every Java", e);
        }
    }

    private byte[] signature(byte[] bytes, int length) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(bytes, 0, length);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every Java", e);
        }
    }

    private static int size(Snapshot snapshot) {
        return 10 * (2 + snapshot.running().length);
    }

    /** The running ids as distances, downwards from xmax: mostly a byte or two each. */
    private static void put(ByteBuffer bytes, Snapshot snapshot) {
        putNumber(bytes, snapshot.xmax());
        putNumber(bytes, snapshot.running().length);
        long above = snapshot.xmax();
        for (int i = snapshot.running().length - 1; i >= 0; i--) {
            putNumber(bytes, above - snapshot.running()[i]);
            above = snapshot.running()[i];
        }
    }

    private static Snapshot getSnapshot(ByteBuffer bytes) {
        long xmax = getNumber(bytes);
        long count = getNumber(bytes);
        if (count < 0 || count > bytes.remaining()) { // each takes a byte or more
            throw unknown();
        }
        long[] running = new long[(int) count];
        long above = xmax;
        for (int i = running.length - 1; i >= 0; i--) {
            above -= getNumber(bytes);
            running[i] = above;
        }
        return new Snapshot(xmax, running);
    }

    private static void putNumber(ByteBuffer bytes, long number) {
        long rest = number;
        while (rest >= 0x80) {
            bytes.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        bytes.put((byte) rest);
    }

    private static long getNumber(ByteBuffer bytes) {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = bytes.get();
            number |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw unknown();
    }
}
