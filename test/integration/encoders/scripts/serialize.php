<?php
// `make SEED COUNT`: writes values of its own making, a line for each: serialized in base64, and told.
// `read`: reads serialized values in base64, a line for each; tells each, and serializes it again.
// Values are told as JSON that keeps every type, the order of arrays, each byte, and which objects are one.
ini_set('serialize_precision', '-1');

enum Suit: string { case Hearts = 'H'; case Spades = 'S'; }

class Base { private $secret = 'base'; protected $shared = [1]; public $open = null; }
class Derived extends Base { private $secret = 'derived'; public $more = 1.5; }

function tell_all($value)
{
    global $seen;
    $seen = [];
    return json_encode(tell($value), JSON_THROW_ON_ERROR, 5000);
}

function tell($value)
{
    global $seen;
    if ($value === null) return ['null'];
    if (is_bool($value)) return ['bool', $value];
    if (is_int($value)) return ['int', (string) $value];
    if (is_float($value)) {
        // JavaScript does not tell 1.0 from 1.
        $isWhole = floor($value) === $value && abs($value) < 9007199254740992.0;
        if ($isWhole && pack('E', $value) !== pack('E', -0.0)) return ['int', sprintf('%.0f', $value)];
        return ['float', is_nan($value) ? 'nan' : bin2hex(pack('E', $value))];
    }
    if (is_string($value)) return ['string', bin2hex($value)];
    if (is_array($value)) return ['array', tell_elements($value)];
    if ($value instanceof UnitEnum) return ['enum', get_class($value), $value->name];
    $id = spl_object_id($value);
    if (isset($seen[$id])) return ['same', $seen[$id]];
    $seen[$id] = count($seen);
    $properties = (array) $value;
    $class = get_class($value);
    if ($class === '__PHP_Incomplete_Class') {
        $class = $properties['__PHP_Incomplete_Class_Name'];
        unset($properties['__PHP_Incomplete_Class_Name']);
    }
    return ['object', $class, tell_elements($properties, true)];
}

function tell_elements(array $elements, $areProperties = false)
{
    $told = [];
    foreach ($elements as $key => $element) {
        $told[] = [tell($areProperties ? (string) $key : $key), tell($element)];
    }
    return $told;
}

function random_text()
{
    $parts = ['', 'a', 'Grüße', "\0", '"', ';', '}', '日本', '😀', "\r\n", "a:1:{", ';R:1;'];
    $text = '';
    for ($i = mt_rand(0, 4); $i > 0; $i--) $text .= $parts[mt_rand(0, count($parts) - 1)];
    return $text;
}

function random_key()
{
    $keys = [0, 1, 2, -1, 7, PHP_INT_MAX, PHP_INT_MIN, 9007199254740993, 'x', '', 'ü', '007', '1.5', '-0', '__proto__'];
    return $keys[mt_rand(0, count($keys) - 1)];
}

function random_value($depth)
{
    switch (mt_rand(0, $depth > 0 ? 15 : 8)) {
        case 0: return null;
        case 1: return (bool) mt_rand(0, 1);
        case 2: return mt_rand(-1000, 1000);
        case 3: return [PHP_INT_MAX, PHP_INT_MIN, 9007199254740991, -9007199254740993, 0][mt_rand(0, 4)];
        case 4: return mt_rand() / mt_rand(1, 1000);
        case 5: return [INF, -INF, NAN, -0.0, 1e300, 5e-324, 1.0, 0.1, 1e22][mt_rand(0, 8)];
        case 6: return random_text();
        case 7: return random_bytes_of(mt_rand(0, 6));
        case 8: return [Suit::Hearts, Suit::Spades][mt_rand(0, 1)];
        case 9: case 10:
            $list = [];
            for ($i = mt_rand(0, 4); $i > 0; $i--) $list[] = random_value($depth - 1);
            return $list;
        case 11: case 12:
            $map = [];
            for ($i = mt_rand(0, 4); $i > 0; $i--) $map[random_key()] = random_value($depth - 1);
            return $map;
        case 13:
            $object = new stdClass();
            for ($i = mt_rand(0, 3); $i > 0; $i--) $object->{'p' . random_key()} = random_value($depth - 1);
            return $object;
        case 14:
            $object = new Derived();
            $object->open = random_value($depth - 1);
            return mt_rand(0, 1) ? $object : [$object, $object, new Base()];
        default:
            $shared = random_value($depth - 1);
            $object = new stdClass();
            $array = ['first' => 1, 'object' => $object, 'again' => $object, 'last' => random_value(0)];
            $array['one'] = &$shared;
            $array['two'] = &$shared;
            $object->value = mt_rand(0, 1) ? $object : random_value($depth - 1);
            return $array;
    }
}

function random_bytes_of($count)
{
    $bytes = '';
    for (; $count > 0; $count--) $bytes .= chr(mt_rand(0, 255));
    return $bytes;
}

if ($argv[1] === 'make') {
    mt_srand((int) $argv[2]);
    for ($i = 0; $i < (int) $argv[3]; $i++) {
        $value = random_value(4);
        echo base64_encode(serialize($value)), ' ', tell_all($value), "\n";
    }
    exit;
}
while (($line = fgets(STDIN)) !== false) {
    $value = unserialize(base64_decode(trim($line)), ['allowed_classes' => ['Suit']]);
    echo base64_encode(serialize($value)), ' ', tell_all($value), "\n";
}
