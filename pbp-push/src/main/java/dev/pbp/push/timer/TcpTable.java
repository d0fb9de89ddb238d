package dev.pbp.push.timer;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The kernel's table of connections, which Linux shows as text ({@code proc_net_tcp} in its documentation). */
final class TcpTable {
    private static final List<Path> FILES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    private static final String ESTABLISHED = " 01 ";
    private static final String NOTHING = "00000000";
    private static final int HEX = 16;

    private final List<Path> files;

    TcpTable(List<Path> files) {
        this.files = files;
    }

    static TcpTable ofThisMachine() {
        return new TcpTable(FILES.stream().filter(Files::isReadable).toList());
    }

    boolean isThere() {
        return !files.isEmpty();
    }

    /**
     * The peers of connections to one of our ports that have not acknowledged what was sent to them, with the number of
     * retransmissions since they last acknowledged something.
     */
    Map<InetSocketAddress, Integer> resent(int port) throws IOException {
        Map<InetSocketAddress, Integer> peers = new HashMap<>();
        String ours = String.format(":%04X ", port);
        for (Path file : files) {
            try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    int state = line.indexOf(ESTABLISHED); // most have nothing to send: they are passed over quickly
                    if (state >= 0 && !line.startsWith(NOTHING, state + ESTABLISHED.length())) {
                        add(peers, line.strip().split("\\s+"), ours);
                    }
                }
            }
        }
        return peers;
    }

    /** In order: number, own address, peer's address, state, queues, timer, how often sent again. */
    private static void add(Map<InetSocketAddress, Integer> peers, String[] columns, String ours) throws IOException {
        int times = Integer.parseInt(columns[6], HEX);
        if (times > 0 && (columns[1] + ' ').endsWith(ours)) {
            peers.put(address(columns[2]), times);
        }
    }

    /** Words of 32 bits, each in this machine's order of bytes. */
    private static InetSocketAddress address(String text) throws IOException {
        int colon = text.indexOf(':');
        ByteBuffer bytes = ByteBuffer.allocate(colon / 2).order(ByteOrder.nativeOrder());
        for (int i = 0; i < colon; i += NOTHING.length()) {
            bytes.putInt(Integer.parseUnsignedInt(text.substring(i, i + NOTHING.length()), HEX));
        }
        return new InetSocketAddress(
                InetAddress.getByAddress(bytes.array()), Integer.parseInt(text.substring(colon + 1), HEX));
    }
}
