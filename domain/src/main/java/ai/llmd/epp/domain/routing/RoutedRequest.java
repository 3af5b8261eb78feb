package ai.llmd.epp.domain.routing;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;

/**
 * What pre-request plugins see: the request, what was found out about it, and what was decided.
 *
 * @param primaryProfile profile whose first pick is the destination
 * @param primary its result
 * @param results every profile's result
 * @param headers headers that the model server will see; plugins set and remove
 */
public record RoutedRequest(
    InferenceRequest request,
    Facts facts,
    String primaryProfile,
    ProfileResult primary,
    ProfileResults results,
    HeaderChanges headers) {}
