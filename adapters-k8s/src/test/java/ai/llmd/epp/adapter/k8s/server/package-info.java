/** An API server for tests that can be slow, forgetful or away. */
@NullMarked
package ai.llmd.epp.adapter.k8s.server;

import org.jspecify.annotations.NullMarked;
