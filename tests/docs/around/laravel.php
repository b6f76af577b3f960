<?php
// A Laravel application of one file around a page's route.
require 'Illuminate/autoload.php';

use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Http\Kernel as HttpKernel;
use Illuminate\Filesystem\FilesystemServiceProvider;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Exceptions\Handler;
use Illuminate\Foundation\Http\Kernel;
use Illuminate\Foundation\Http\Middleware\ConvertEmptyStringsToNull;
use Illuminate\Foundation\Http\Middleware\TrimStrings;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Log;
use Illuminate\Support\Facades\Route;
use Illuminate\View\ViewServiceProvider;

class AppKernel extends Kernel
{
    protected $middleware = [TrimStrings::class, ConvertEmptyStringsToNull::class];
}

class AppHandler extends Handler
{
    protected function shouldReturnJson($request, Throwable $error)
    {
        return true;
    }
}

$settings = [
    'app' => ['name' => 'app', 'env' => 'production', 'timezone' => 'UTC', 'providers' => [
        FilesystemServiceProvider::class,
        ViewServiceProvider::class,
    ]],
    'view' => ['paths' => [], 'compiled' => __DIR__.'/bootstrap/cache'],
    'logging' => ['default' => 'out', 'channels' => ['out' => ['driver' => 'single', 'path' => 'php://stderr']]],
    'services' => ['costkatana' => ['secret' => getenv('WEBHOOK_SECRET')]],
];
foreach (['config', 'bootstrap', 'bootstrap/cache'] as $folder) {
    @mkdir(__DIR__."/$folder");
}
foreach ($settings as $name => $values) {
    file_put_contents(__DIR__."/config/$name.php", '<?php return '.var_export($values, true).';');
}
$app = new Application(__DIR__);
$app->instance('request', Request::capture());
$app->singleton(HttpKernel::class, AppKernel::class);
$app->singleton(ExceptionHandler::class, AppHandler::class);
$kernel = $app->make(HttpKernel::class);
$kernel->bootstrap();

HANDLER

$kernel->handle($app['request'])->send();
