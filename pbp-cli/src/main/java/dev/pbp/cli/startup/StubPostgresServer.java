package dev.pbp.cli.startup;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A server that accepts every login and statement, in PostgreSQL's protocol: enough for the driver to go
 * through a connection and a statement, so that the classes for both are loaded where no PostgreSQL is.
 */
final class StubPostgresServer implements AutoCloseable {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;

    /** What the driver insists on. */
    private static final Map<String, String> PARAMETERS = Map.of(
            "server_version", "18.0",
            "server_encoding", "UTF8",
            "client_encoding", "UTF8",
            "DateStyle", "ISO, MDY",
            "TimeZone", "UTC",
            "integer_datetimes", "on",
            "standard_conforming_strings", "on");

    private final ServerSocket socket;

    private StubPostgresServer(ServerSocket socket) {
        this.socket = socket;
    }

    static StubPostgresServer start() throws IOException {
        StubPostgresServer server = new StubPostgresServer(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        Thread thread = new Thread(server::serve, "pbp-cli-stub-server");
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    int port() {
        return socket.getLocalPort();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept();
                    DataInputStream in = new DataInputStream(client.getInputStream());
                    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(client.getOutputStream()))) {
                greet(in, out);
                answer(in, out);
            } catch (IOException e) {
                // The client has gone, or we close: what was to be loaded is loaded by now.
                continue;
            }
        }
    }

    private static void greet(DataInputStream in, DataOutputStream out) throws IOException {
        for (int code = start(in); code == SSL_REQUEST || code == GSS_REQUEST; code = start(in)) {
            out.writeByte('N');
            out.flush();
        }
        message(out, 'R', new byte[4]);
        for (Map.Entry<String, String> parameter : PARAMETERS.entrySet()) {
            message(out, 'S', text(parameter.getKey() + "\0" + parameter.getValue() + "\0"));
        }
        message(out, 'K', new byte[8]);
        message(out, 'Z', text("I"));
        out.flush();
    }

    private static int start(DataInputStream in) throws IOException {
        int length = in.readInt();
        int code = in.readInt();
        in.skipNBytes(length - 8L);
        return code;
    }

    private static void answer(DataInputStream in, DataOutputStream out) throws IOException {
        for (int type = in.read(); type >= 0 && type != 'X'; type = in.read()) {
            in.skipNBytes(in.readInt() - 4L);
            switch (type) {
                case 'P' -> message(out, '1', new byte[0]);
                case 'B' -> message(out, '2', new byte[0]);
                case 'D' -> message(out, 'n', new byte[0]);
                case 'E' -> message(out, 'C', text("SET\0"));
                case 'S' -> {
                    message(out, 'Z', text("I"));
                    out.flush();
                }
                default -> throw new EOFException("a message of type " + type + " is not needed here");
            }
        }
    }

    private static void message(DataOutputStream out, char type, byte[] body) throws IOException {
        out.writeByte(type);
        out.writeInt(body.length + 4);
        out.write(body);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
