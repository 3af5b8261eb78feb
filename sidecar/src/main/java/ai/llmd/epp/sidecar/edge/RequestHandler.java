package ai.llmd.epp.sidecar.edge;

/** Answers requests. */
public interface RequestHandler {

  /**
   * Takes over a request whose headers were read. Called on the connection's event loop, which must
   * not wait; the answer is given through the exchange, now or later, on the same loop.
   */
  void handle(Exchange exchange);
}
