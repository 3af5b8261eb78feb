package ai.llmd.epp.sidecar.edge;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;

/** The handlers of a connection, at once or after a handshake. */
@SuppressWarnings("FutureReturnValueIgnored") // no caller waits for a close
final class Protocols {

  private Protocols() {}

  static void addHttp1(ChannelPipeline pipeline, RequestHandler handler, InFlight inFlight) {
    AnswerEncoder encoder = new AnswerEncoder();
    RequestTimer timer = new RequestTimer();
    pipeline
        .addLast(timer)
        .addLast(new StrictRequestDecoder())
        .addLast(encoder)
        .addLast(new ClientConnection(handler, inFlight, encoder, timer));
  }

  /** Waits for the end of the handshake. */
  static final class Negotiation extends ApplicationProtocolNegotiationHandler {

    private final RequestHandler handler;
    private final InFlight inFlight;

    Negotiation(RequestHandler handler, InFlight inFlight) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.handler = handler;
      this.inFlight = inFlight;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
      context.read(); // the first bytes of the handshake
      super.channelActive(context);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
      addHttp1(context.pipeline(), handler, inFlight);
      context.pipeline().get(ClientConnection.class).read(); // it is active already
    }
  }
}
