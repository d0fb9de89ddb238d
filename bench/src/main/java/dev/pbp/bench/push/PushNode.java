package dev.pbp.bench.push;

import dev.pbp.bench.harness.ChildProcess;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/** A server of ours, or bare Undertow, in a process of its own, and in another one the browsers that are connected to it. */
final class PushNode implements AutoCloseable {
    /** The launcher's collector; how the heap is divided and how it grows is left to it. */
    private static final List<String> OPTIONS = List.of("-XX:+UseSerialGC", "-Xmx2g");
    /**
     * Where memory is measured, the young generation is small and fixed, since it is not what is meant, and a collection
     * can give back at once what it freed.
     */
    private static final List<String> MEASURED =
            List.of("-XX:+UseSerialGC", "-Xmn24m", "-Xms32m", "-Xmx2g", "-XX:-ShrinkHeapInSteps");

    private final ChildProcess server;
    private final ChildProcess clients;
    private final int port;

    private PushNode(ChildProcess server, ChildProcess clients, int port) {
        this.server = server;
        this.clients = clients;
        this.port = port;
    }

    static PushNode start(TestDatabase database, ClientTransport transport, int number) throws Exception {
        return start(server(database, PushServerProcess.SITE), PushServerProcess.SITE, transport, number);
    }

    /** The peer. */
    static PushNode bare(TestDatabase database, ClientTransport transport, int number) throws Exception {
        return start(server(database, PushServerProcess.BARE), PushServerProcess.BARE, transport, number);
    }

    /** One whose memory is measured. */
    static PushNode measured(TestDatabase database, String kind, ClientTransport transport) throws Exception {
        return start(
                ChildProcess.start(PushServerProcess.class, MEASURED, kind, database.jdbcUrl()), kind, transport, 0);
    }

    /** Ours, with event streams that each follow the rows of a room. */
    static PushNode inRooms(TestDatabase database, int number, int first, int rooms) throws Exception {
        ChildProcess server = server(database, PushServerProcess.SITE);
        try {
            int port = Integer.parseInt(server.answer());
            return new PushNode(
                    server,
                    clients(
                            ClientTransport.SSE,
                            number,
                            port,
                            "rooms",
                            Integer.toString(first),
                            Integer.toString(rooms)),
                    port);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static PushNode start(ChildProcess server, String kind, ClientTransport transport, int number)
            throws Exception {
        try {
            int port = Integer.parseInt(server.answer());
            PushNode node = new PushNode(server, clients(transport, number, port), port);
            if (transport == ClientTransport.LONGPOLL) {
                node.askClients(
                        "cursor " + (kind.equals(PushServerProcess.SITE) ? node.cursor() : BareUndertowServer.CURSOR));
            }
            return node;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    static ChildProcess server(TestDatabase database, String kind) throws IOException {
        return ChildProcess.start(PushServerProcess.class, OPTIONS, kind, database.jdbcUrl());
    }

    /** Browsers in a process of their own. */
    static ChildProcess clients(ClientTransport transport, int number, int port, String... more) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of(transport.name, Integer.toString(number), Integer.toString(port)));
        arguments.addAll(List.of(more));
        return ChildProcess.start(PushLoadProcess.class, OPTIONS, arguments.toArray(String[]::new));
    }

    /** The newest cursor. */
    String cursor() throws IOException, InterruptedException {
        return changes("wait=0").replaceAll(".*\"cursor\":\"([^\"]+)\".*", "$1");
    }

    /** The message that a client gets which stands at a cursor, once there is a change. */
    String message(String after) throws IOException, InterruptedException {
        return changes("cursor=" + after);
    }

    private String changes(String parameters) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/api/_changes?table=testtype&" + parameters))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** So many come and go, so that code and buffers are there; then so many stay. */
    void warmUp(int count) throws IOException {
        connect(count);
        askClients("close");
        askServer("drop"); // ours has noticed
        connect(count);
    }

    /** Connects until there are so many, and returns how many there are. */
    int connect(int count) throws IOException {
        return Integer.parseInt(askClients("connect " + count));
    }

    String askClients(String order) throws IOException {
        return clients.ask(order);
    }

    /** Has bare Undertow send a message. */
    void tellServer(String order) {
        server.tell(order);
    }

    ChildProcess clients() {
        return clients;
    }

    long askServer(String question) throws IOException {
        return Long.parseLong(server.ask(question));
    }

    @Override
    public void close() throws IOException {
        try {
            clients.close();
        } finally {
            server.close();
        }
    }
}
