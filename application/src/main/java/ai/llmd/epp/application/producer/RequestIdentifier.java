package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.request.InferenceRequest;

/**
 * Finds out whose request this is, from its headers, before anybody decides whether it may come in.
 * Runs on the request's thread, in configuration order, and blocks on nothing.
 */
public interface RequestIdentifier extends Plugin {

  /**
   * Puts facts about who asks.
   *
   * @param request as the client sent it: its target model and its turn are not decided yet
   * @throws ai.llmd.epp.domain.routing.RequestRefused refuses the request for the reason given
   * @throws RuntimeException refuses the request with status 500
   */
  void identify(InferenceRequest request, Facts facts);
}
