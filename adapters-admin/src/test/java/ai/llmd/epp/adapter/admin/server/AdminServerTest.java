package ai.llmd.epp.adapter.admin.server;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.admin.AdminPage;
import java.io.DataInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class AdminServerTest {

  private static final byte[] REQUEST =
      "GET /page HTTP/1.1\r\nHost: admin\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A scrape waited 40 ms for the end of its page: the kernel kept it back until an ACK came. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void anAnswerIsNotKeptBackUntilItsBeginningIsAcknowledged() throws Throwable {
    AdminPage page = request -> AdminPage.Answer.text(200, "x".repeat(30_000));
    AdminServer.Settings settings = new AdminServer.Settings("", 0, null, null, Set.of());
    try (AdminServer admin = AdminServer.start(settings, Map.of("/page", page));
        Socket client = new Socket(InetAddress.getLoopbackAddress(), admin.port())) {
      client.getOutputStream().write(REQUEST);
      byte[] answer = new byte[30_000];
      new DataInputStream(client.getInputStream()).readFully(answer); // accepted and served by now

      assertThat(new String(answer, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200");
      assertThat(AdminConnection.isUndelayed(admin.port(), client.getLocalPort())).isTrue();
    }
  }
}
