package ai.llmd.epp.sidecar.edge;

/** What {@link ClientConnection} has to know of the protocol that is spoken to a client. */
interface Wire {

  /** The headers of a request have been read; the answer to it comes. */
  void answers(boolean isHead);

  /** An answer is complete, and another request may come. */
  void awaitsRequest();

  /** Whether another request may come at all. */
  boolean isReusable();

  /** A connection that serves one request after the other. */
  record Connection(AnswerEncoder encoder, RequestTimer timer) implements Wire {

    @Override
    public void answers(boolean isHead) {
      timer.headersRead();
      encoder.answerTo(isHead);
    }

    @Override
    public void awaitsRequest() {
      timer.awaitRequest();
    }

    @Override
    public boolean isReusable() {
      return true;
    }
  }

  /** A stream of a connection, which has one request. */
  record Stream() implements Wire {

    @Override
    public void answers(boolean isHead) {
      // a body is not sent because there is none
    }

    @Override
    public void awaitsRequest() {
      // none comes
    }

    @Override
    public boolean isReusable() {
      return false;
    }
  }
}
