package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.request.ReceivedRequest;

/**
 * Finds out who sent a request, from its headers, before it is decided whether it may come in. Runs
 * on the request's thread, in configuration order, and blocks on nothing.
 */
public interface RequestIdentifier extends Plugin {

  /**
   * Puts facts about the client.
   *
   * @param request as the client sent it: its target model and its turn are not decided yet
   * @throws ai.llmd.epp.domain.routing.RequestRefused refuses the request for the reason given
   * @throws RuntimeException refuses the request with status 500
   */
  void identify(ReceivedRequest request, Facts facts);
}
