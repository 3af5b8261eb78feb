package ai.llmd.epp.adapter.extproc.rehearsal;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLException;

/** The way to a server of this program, or of this machine. */
public final class RehearsalChannel {

  private RehearsalChannel() {}

  /**
   * Connects when it is used. The caller shuts it down.
   *
   * @param port on the loopback interface
   * @param hasTls whether the server wants TLS; its certificate is not looked at
   * @throws IllegalStateException when TLS cannot be set up
   */
  public static ManagedChannel to(int port, boolean hasTls) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    if (!hasTls) {
      return builder.usePlaintext().build();
    }
    try {
      return builder
          .sslContext(
              GrpcSslContexts.forClient()
                  .trustManager(InsecureTrustManagerFactory.INSTANCE)
                  .build())
          .overrideAuthority("localhost")
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException("no TLS for a client", e);
    }
  }
}
