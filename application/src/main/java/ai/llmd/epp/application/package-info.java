/** The use cases: route a request, follow its response, keep the pool. */
@NullMarked
package ai.llmd.epp.application;

import org.jspecify.annotations.NullMarked;
