package dev.pbp.bench.push;

import dev.pbp.bench.harness.ChildProcess;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/** A server in a process of its own, and in another one the browsers that are connected to it. */
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

    private PushNode(ChildProcess server, ChildProcess clients) {
        this.server = server;
        this.clients = clients;
    }

    static PushNode start(TestDatabase database, ClientTransport transport, int number) throws Exception {
        return start(server(database, PushServerProcess.SITE), PushServerProcess.SITE, transport, number);
    }

    /** One whose memory is measured. */
    static PushNode measured(TestDatabase database, String kind, ClientTransport transport) throws Exception {
        return start(
                ChildProcess.start(PushServerProcess.class, MEASURED, kind, database.jdbcUrl()), kind, transport, 0);
    }

    private static PushNode start(ChildProcess server, String kind, ClientTransport transport, int number)
            throws Exception {
        try {
            int port = Integer.parseInt(server.answer());
            ChildProcess clients = ChildProcess.start(
                    PushLoadProcess.class, OPTIONS, transport.name, Integer.toString(number), Integer.toString(port));
            PushNode node = new PushNode(server, clients);
            if (transport == ClientTransport.LONGPOLL) {
                node.askClients("cursor " + (kind.equals(PushServerProcess.SITE) ? cursor(port) : "bare"));
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

    private static String cursor(int port) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/api/_changes?table=testtype&wait=0"))
                .build();
        String answer = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
        return answer.replaceAll(".*\"cursor\":\"([^\"]+)\".*", "$1");
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
