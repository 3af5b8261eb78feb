package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.pool.EndpointState;

/** Takes from whoever polls the endpoints whether they can be connected to. Any thread. */
public interface NotePolls {

  /** Discards them. */
  NotePolls NONE =
      new NotePolls() {
        @Override
        public void answered(EndpointState endpoint) {}

        @Override
        public void lost(EndpointState endpoint) {}

        @Override
        public void refused(EndpointState endpoint) {}

        @Override
        public void unreachable(EndpointState endpoint) {}

        @Override
        public void unanswered(EndpointState endpoint) {}
      };

  /** A poll was answered, in whatever way. */
  void answered(EndpointState endpoint);

  /** The endpoint closed the connection that polls go over, unasked. */
  void lost(EndpointState endpoint);

  /** The endpoint's port refused the connection: its process is not there. */
  void refused(EndpointState endpoint);

  /** A poll could not connect for another reason, which may be the network between. */
  void unreachable(EndpointState endpoint);

  /** A poll was not answered in time, over a connection that stands. */
  void unanswered(EndpointState endpoint);

  /** The endpoint's load is that of a new sample. */
  default void sampled(EndpointState endpoint) {}
}
