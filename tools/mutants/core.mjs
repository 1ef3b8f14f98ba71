// One file for jest, so that it loads the core once per mutant. The examples come first: what they notice never meets
// the properties, which take longest.
import '../../test/workflows/policy/policy.test.js';
import '../../test/domain/states.test.js';
import '../../test/domain/events.test.js';
import '../../test/domain/kinds.test.js';
import '../../test/domain/persons.test.js';
import '../../test/workflows/core/activity-inputs.test.js';
import '../../test/workflows/core/knowledge.test.js';
import '../../test/workflows/core/story.test.js';
import '../../test/workflows/policy/addressee.test.js';
import '../../test/workflows/policy/repairs.test.js';
import '../../test/workflows/policy/attention.test.js';
import '../../test/workflows/policy/questions.test.js';
import '../../test/workflows/core/next-actions.test.js';
import '../../test/workflows/policy/results.test.js';
import '../../test/workflows/policy/timers.test.js';
import '../../test/workflows/policy/journeys.test.js';
import '../../test/workflows/policy/bounces.test.js';
import '../../test/workflows/policy/spread.test.js';
import '../../test/workflows/policy/transit.test.js';
import '../../test/workflows/policy/opt-out.test.js';
import '../../test/workflows/policy/cancellation.test.js';
import '../../test/workflows/core/projection.test.js';
import '../../test/workflows/core/rehearse.test.js';
import '../../test/workflows/core/lacking-events.test.js';
import '../../test/workflows/core/any-order.test.js';
