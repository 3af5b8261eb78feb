/**
 * The API objects as their CRDs in {@code deploy/crds} define them. A field is null when the object
 * does not say it; an API server has checked and defaulted the rest.
 */
@NullMarked
package ai.llmd.epp.adapter.k8s.api;

import org.jspecify.annotations.NullMarked;
