package ai.llmd.epp.adapter.kvevents.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.zmtp.ZmtpAddress;
import ai.llmd.epp.zmtp.ZmtpConnection;
import ai.llmd.epp.zmtp.ZmtpRole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.Test;

class BoundSocketTest {

  @Test
  void countsConnectionsThatAreTooMany() throws IOException {
    try (BoundSocket bound =
        new BoundSocket(ZmtpAddress.of("tcp://127.0.0.1:*"), new byte[0], 2, () -> {})) {
      bound.start();
      try (ZmtpConnection first = connect(bound);
          ZmtpConnection second = connect(bound);
          Socket third = socket(bound);
          Socket fourth = socket(bound)) {
        await().until(() -> bound.refused() == 2);
        assertThat(third.getInputStream().read()).isEqualTo(-1);
        assertThat(fourth.getInputStream().read()).isEqualTo(-1);
        first.send(new byte[1]);
        second.send(new byte[1]);
        await().until(() -> bound.waiting() == 2);
      }
    }
  }

  private static ZmtpConnection connect(BoundSocket bound) throws IOException {
    return ZmtpConnection.over(socket(bound), ZmtpRole.PUB, 1 << 10);
  }

  private static Socket socket(BoundSocket bound) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), URI.create(bound.address()).getPort());
  }
}
